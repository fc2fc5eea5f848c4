--TEST--
trackerHookMalloc() in a generator: each resumption that calls it is a loop
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

function worker(): Generator
{
    for ($i = 0; ; $i++) {
        trackerHookMalloc();
        $local = random_bytes(2000);
        Kept::$items[] = random_bytes(1000); // LEAK
        yield strlen($local);
    }
}

foreach (worker() as $i => $n) {
    if ($i === 39) {
        break;
    }
}
check_grows();
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
