--TEST--
Bad input: a destructor of cyclic garbage that forks: the child does not write its parent's loops
--EXTENSIONS--
pcntl
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Forks
{
    public Forks $self;
    public static int $children = 0;

    public function __construct()
    {
        $this->self = $this;
    }

    public function __destruct()
    {
        $pid = pcntl_fork();
        if ($pid === 0) {
            return; // and goes on as its parent would
        }
        pcntl_waitpid($pid, $status);
        self::$children += (int) ($status === 0);
    }
}

function main(): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = random_bytes(1000); // LEAK
    if (count($kept) === 20) {
        new Forks();
    }
}

$parent = getmypid();
for ($i = 0; $i < 40 && $parent === getmypid(); $i++) {
    main();
}
if ($parent !== getmypid()) {
    exit;
}
echo 'children: ', Forks::$children, "\n";
check_grows();
$numbers = array_column(read_old_report(old_report())['blocks'], 'loop');
echo 'numbers: ', $numbers === range(0, 38) ? '0 to 38' : implode(' ', $numbers), "\n";
echo 'processes: ', count(json_decode(trackerLeakReport('json'), true)['processes']), "\n";
--EXPECT--
children: 1
loops recorded: 39
lines that grow: 1, as planted
numbers: 0 to 38
processes: 1
