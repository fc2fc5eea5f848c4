--TEST--
A loop that is over when the process forks is recorded by the parent, once
--SKIPIF--
<?php if (!extension_loaded('pcntl')) die('skip pcntl is not loaded');
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

// No check point lies between the end of the loop and the fork.
main(0); main(1); main(2); $pid = pcntl_fork();
if ($pid === 0) {
    usleep(1000);
    trackerLeakReport();
    for ($i = 0; $i < 1000; $i++) {
        $text = str_repeat('x', $i);
    }
    exit(0);
}
pcntl_waitpid($pid, $status);
$loops = [];
foreach (read_old_report(old_report())['blocks'] as $block) {
    $loops[] = ($block['pid'] === getmypid() ? 'parent ' : 'other ') . $block['loop'];
}
echo 'child: ', $status, "\n", implode(', ', $loops), "\n";
--EXPECT--
child: 0
parent 0, parent 1
