--TEST--
The log is readable for its owner only
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

loops(5, function (int $i): void {
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
});
report();
clearstatcache();
printf("%o\n", fileperms(ini_get('apm.leak_log')));
--EXPECT--
100600
