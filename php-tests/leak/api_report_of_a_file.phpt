--TEST--
trackerLeakReport(file:): reads the log that it is told; a missing one is an empty report
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

loops(10, 'main');
report();
$copy = temp_file(file_get_contents(ini_get('apm.leak_log')), '.log');
trackerCleanLeak();
$report = json_decode(trackerLeakReport('json', $copy), true);
echo 'copy: ', $report['processes'][0]['loops'], ' loops, files ', $report['log']['files'] === [$copy] ? 'as told' : json_encode($report['log']), "\n";
$report = json_decode(trackerLeakReport(file: '/nonexistent/log', format: 'json'), true);
echo 'missing: ', count($report['processes']), " processes\n";
$report = json_decode(trackerLeakReport('json'), true);
echo 'cleaned: ', count($report['processes']), " processes\n";
--EXPECT--
copy: 9 loops, files as told
missing: 0 processes
cleaned: 0 processes
