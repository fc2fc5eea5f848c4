--TEST--
Case 1: appending to a static property grows (the original's manual)
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Registry
{
    public static array $items = [];
}

function main(int $i): void
{
    trackerHookMalloc();
    Registry::$items[] = str_repeat(chr($i), 12 * 1024); // LEAK
}

loops(40, 'main');
check_grows();
check_holder('Registry::$items');
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
held by: Registry::$items
