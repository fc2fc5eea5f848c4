--TEST--
Bad input: a log that is cut off anywhere is read up to the cut
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

loops(30, function (int $i): void {
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
});
report(); // so that the last loop is in the log
$log = file_get_contents(ini_get('apm.leak_log'));
$size = strlen($log);
echo 'log: ', $size > 1000 ? 'written' : "$size bytes", "\n";

$cut = temp_file('', '.log');
$last = -1;
$problems = 0;
$skipped = 0;
for ($length = 0; $length < $size; $length += max(1, intdiv($size, 400))) {
    file_put_contents($cut, substr($log, 0, $length));
    $report = json_decode(trackerLeakReport('json', $cut), true);
    $loops = $report['processes'][0]['loops'] ?? 0;
    if ($loops < $last || $loops > 29) {
        $problems++;
        echo "cut at $length: $loops loops after $last\n";
    }
    $last = $loops;
    $skipped += $report['log']['skipped_records'];
}
echo 'problems: ', $problems, "\n";
echo 'loops before the last cut: ', $last >= 25 ? 'nearly all' : $last, "\n";
echo 'torn records: ', $skipped > 0 ? 'counted' : 'not counted', "\n";
--EXPECT--
log: written
problems: 0
loops before the last cut: nearly all
torn records: counted
