--TEST--
leak_log_max_mb: a full log is rotated, both files together stay within twice the size, and both are read
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.leak_log_max_mb=1
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[$i % 5] = str_repeat(chr($i % 256), 100 + $i % 7 * 100);
}

loops(9000, 'main');
report();
$log = ini_get('apm.leak_log');
clearstatcache();
foreach ([$log, "$log.1"] as $file) {
    $size = is_file($file) ? filesize($file) : 0;
    echo $size > 0 && $size <= 1 << 20 ? 'within 1 MB' : $size, "\n";
}
echo 'a third file: ', is_file("$log.2") ? 'yes' : 'no', "\n";
$report = json_decode(trackerLeakReport('json'), true);
echo 'read: ', count($report['log']['files']), ' files, ', $report['log']['skipped_records'], " records skipped\n";
// The oldest loops went with the oldest file; the newest are there, in a row.
$loops = array_column(read_old_report(old_report())['blocks'], 'loop');
echo 'loops: ', $loops === range($loops[0], 8998) && count($loops) > 1000 ? 'in a row, to the newest' : count($loops), "\n";
--EXPECT--
within 1 MB
within 1 MB
a third file: no
read: 2 files, 0 records skipped
loops: in a row, to the newest
