--TEST--
trackerHookMalloc() with the setting off does nothing and prints nothing
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.enable_malloc_hook=0
--FILE--
<?php
require __DIR__ . '/helper.inc';

loops(20, function (int $i): void {
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
});
echo "silent so far\n";
clearstatcache();
echo 'log: ', file_exists(ini_get('apm.leak_log')) ? 'written' : 'none', "\n";
[$status, $out, $err] = php(['-r', 'trackerAnalyzeLeak(); trackerAnalyzeMalloc(); trackerCleanLeak();']);
echo "status $status, output ", json_encode($out), "\n";
--EXPECT--
silent so far
log: none
status 0, output ""
