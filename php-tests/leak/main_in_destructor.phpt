--TEST--
trackerHookMalloc() in a destructor: the destructor is the main function
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

class Job
{
    public function __destruct()
    {
        trackerHookMalloc();
        $local = random_bytes(2000);
        Kept::$items[] = random_bytes(1000); // LEAK
    }
}

for ($i = 0; $i < 40; $i++) {
    new Job();
}
check_grows();
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
