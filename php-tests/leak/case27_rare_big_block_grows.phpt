--TEST--
Case 27: a block of 10 MB once per 50 requests grows
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
memory_limit=256M
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Reports
{
    public static array $files = [];
}

loops(320, function (int $i): void {
    trackerHookMalloc();
    if ($i % 50 === 49) {
        Reports::$files[] = str_repeat(chr($i), 10_000_000); // LEAK
    }
});
check_grows();
--EXPECT--
loops recorded: 319
lines that grow: 1, as planted
