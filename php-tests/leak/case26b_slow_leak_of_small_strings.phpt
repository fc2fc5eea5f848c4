--TEST--
Case 26, the easier variant: one small string per loop
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Names
{
    public static array $names = [];
}

loops(44, function (int $i): void {
    trackerHookMalloc();
    Names::$names[] = "n$i"; // LEAK
});
check_grows();
--EXPECT--
loops recorded: 43
lines that grow: 1, as planted
