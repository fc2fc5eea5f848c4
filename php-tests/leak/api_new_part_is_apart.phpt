--TEST--
trackerAnalyzeLeak(): the new part comes after the old bytes, behind its line; leak_verdicts=0 leaves it out
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
    $kept[] = str_repeat(chr($i), 1000); // LEAK
}

loops(40, 'main');
report();
$log = ['apm.leak_log' => ini_get('apm.leak_log')];
[, $new] = php(['-r', 'trackerAnalyzeLeak();'], $log);
[, $old] = php(['-r', 'trackerAnalyzeLeak();'], $log + ['apm.leak_verdicts' => '0']);
[, $old2] = php(['-r', 'trackerAnalyzeLeak();'], $log + ['tracker.leak_verdicts' => 'Off']);
$parts = explode(VERDICTS, $new);
echo 'parts: ', count($parts), "\n";
echo 'old bytes: ', $parts[0] === $old && $old === $old2 ? 'the same' : 'differ', "\n";
read_old_report($old);
echo 'verdict: ', str_contains($parts[1] ?? '', marked()[0]) ? 'names the line' : $parts[1] ?? 'none', "\n";
echo 'colours in the new part of a pipe: ', str_contains($parts[1] ?? '', "\e[") ? 'yes' : 'none', "\n";
--EXPECT--
parts: 2
old bytes: the same
verdict: names the line
colours in the new part of a pipe: none
