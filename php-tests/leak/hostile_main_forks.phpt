--TEST--
Bad input: a main function that forks; the child starts again at loop 0
--EXTENSIONS--
pcntl
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static array $parent = [];
    public static array $child = [];
}

function main(int $i): void
{
    trackerHookMalloc();
    Kept::$parent[] = str_repeat(chr($i), 1000); // LEAK
    if ($i === 10) {
        $pid = pcntl_fork();
        if ($pid === 0) {
            return; // the child goes on with loops of its own
        }
        pcntl_waitpid($pid, $status);
        Kept::$child = [$pid, $status];
    }
}

function child(int $i): void
{
    trackerHookMalloc();
    Kept::$child[] = str_repeat(chr($i), 2000); // CHILD
}

$parent = getmypid();
for ($i = 0; $i < 40; $i++) {
    main($i);
    if (getmypid() !== $parent) {
        for ($n = 0; $n < 40; $n++) {
            child($n);
        }
        exit(7);
    }
}
[$pid, $status] = Kept::$child;
echo 'child ended with ', pcntl_wexitstatus($status), "\n";
check_grows();
echo "the child:\n";
check_grows(marked('CHILD'), report($pid));
$blocks = array_filter(read_old_report(old_report())['blocks'], fn (array $b) => $b['pid'] === $pid);
echo 'its first loop: ', reset($blocks)['loop'] ?? 'none', "\n";
--EXPECTF--
child ended with 7
loops recorded: 39
lines that grow: 1, as planted
the child:
loops recorded: %r39|40%r
lines that grow: 1, as planted
its first loop: 0
