--TEST--
Case 26: 24 bytes per loop in an array that doubles are found within 3 doublings
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Ids
{
    public static array $ids = [];
}

// Elements 9, 17 and 33 make the array grow; between them nothing is allocated.
loops(44, function (int $i): void {
    trackerHookMalloc();
    Ids::$ids[] = $i; // LEAK
});
check_grows();
check_holder('Ids::$ids');
--EXPECT--
loops recorded: 43
lines that grow: 1, as planted
held by: Ids::$ids
