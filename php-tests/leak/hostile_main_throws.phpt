--TEST--
Bad input: a main function that always throws: loops end, the leak is named, nothing else
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
zend.exception_ignore_args=0
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static array $items = [];
}

function main(int $i): void
{
    trackerHookMalloc();
    $local = random_bytes(3000);
    Kept::$items[] = str_repeat(chr($i), 1000); // LEAK
    throw new RuntimeException("loop $i");
}

for ($i = 0; $i < 40; $i++) {
    try {
        main($i);
    } catch (RuntimeException $e) {
        unset($e);
    }
}
check_grows();
check_leaking_loops();
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
old report: 39 loops, each names the planted line
