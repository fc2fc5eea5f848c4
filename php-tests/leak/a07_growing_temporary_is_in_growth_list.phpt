--TEST--
A7: a temporary block that is bigger in each loop: clean loops, and the line in the growth list
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    $temporary = str_repeat(chr(65 + $i % 26), 4096 * ($i + 1)); // GROWTH
    unset($temporary);
}

loops(11, 'main');
$report = read_old_report(old_report());
check_clean_loops();
foreach ($report['growth'] as $line) {
    echo $line['where'] === marked('GROWTH')[0] ? 'planted line' : $line['where'], ": {$line['times']} times, {$line['size']} bytes\n";
}
check_silent();
--EXPECT--
old report: 10 loops, clean from loop 0 on
planted line: 9 times, 36864 bytes
loops recorded: 10
lines that grow: 0, as planted
