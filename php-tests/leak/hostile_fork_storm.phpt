--TEST--
Bad input: many forks in a loop; every process has its own records and none takes the parent's
--EXTENSIONS--
pcntl
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
}

loops(5, 'main');
$bad = 0;
for ($n = 0; $n < 20; $n++) {
    $pid = pcntl_fork();
    if ($pid === 0) {
        loops(4, 'main');
        exit(0);
    }
    pcntl_waitpid($pid, $status);
    $bad += $status === 0 ? 0 : 1;
}
loops(5, 'main');
$loops = [];
foreach (read_old_report(old_report())['blocks'] as $block) {
    $loops[$block['pid']][] = $block['loop'];
}
echo 'children that failed: ', $bad, "\n";
echo 'processes: ', count($loops), "\n";
echo 'the parent: ', implode(' ', $loops[getmypid()] ?? []), "\n";
unset($loops[getmypid()]);
foreach (array_unique(array_map(fn (array $l) => implode(' ', $l), $loops)) as $numbers) {
    echo "a child: $numbers\n";
}
--EXPECT--
children that failed: 0
processes: 21
the parent: 0 1 2 3 4 5 6 7 8
a child: 0 1 2
