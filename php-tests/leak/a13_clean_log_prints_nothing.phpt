--TEST--
A13: after trackerCleanLeak() there is no output, and one hint on stderr
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    static $arr = [];
    $arr[] = str_repeat(chr($i), 1000);
}

$log = ['apm.leak_log' => ini_get('apm.leak_log')];
loops(5, 'main');
[, $out] = php(['-r', 'trackerAnalyzeLeak();'], $log);
// Another process sees the newest loop as well: the record is written before
// this process waits for that process.
echo 'before: ', substr_count($out, 'This Loop TotalLeak'), " loops\n";
php(['-r', 'trackerCleanLeak();'], $log);
[$status, $out, $err] = php(['-r', 'trackerAnalyzeLeak();'], $log);
var_dump($status, $out);
echo 'lines on stderr: ', substr_count($err, "\n"), "\n";
clearstatcache();
echo 'log: ', file_exists($log['apm.leak_log']) ? filesize($log['apm.leak_log']) . ' bytes' : 'removed', "\n";
--EXPECT--
before: 4 loops
int(0)
string(0) ""
lines on stderr: 1
log: 0 bytes
