--TEST--
trackerHookMalloc() at the top level of a script: each call is the mark
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static array $items = [];
}

for ($i = 0; $i < 40; $i++) {
    trackerHookMalloc();
    $local = random_bytes(2000);
    Kept::$items[] = random_bytes(1000); // LEAK
}
unset($local);
check_grows();
--EXPECT--
loops recorded: 38
lines that grow: 1, as planted
