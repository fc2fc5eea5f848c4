--TEST--
A14: two processes in one log: each counts its own loops, there is one growth list
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
function main(int $i): void
{
    trackerHookMalloc();
    $temporary = str_repeat(chr(65 + $i), 4096 * ($i + 1)); // GROWTH
}
for ($i = 0; $i < 5; $i++) {
    main($i);
    usleep(2000);
}
PHP);

// 4 recorded loops grow 3 times in each process: only the sum reaches 5.
$log = ['apm.leak_log' => ini_get('apm.leak_log')];
php($script, $log);
php($script, $log);
$report = read_old_report(old_report());
$loops = [];
foreach ($report['blocks'] as $block) {
    $loops[$block['pid']][] = $block['loop'];
}
foreach ($loops as $numbers) {
    echo 'a process with loops ', implode(' ', $numbers), "\n";
}
foreach ($report['growth'] as $line) {
    echo $line['where'] === where($script, 5) ? 'planted line' : $line['where'], ": {$line['times']} times, {$line['size']} bytes\n";
}
--EXPECT--
a process with loops 0 1 2 3
a process with loops 0 1 2 3
planted line: 6 times, 24576 bytes
