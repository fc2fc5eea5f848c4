--TEST--
What runs while a generator is suspended is not booked on it; what it delegates to is
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

function inner(): Generator
{
    Kept::$items[] = random_bytes(1000); // LEAK
    yield 1;
}

function worker(): Generator
{
    for (;;) {
        trackerHookMalloc();
        yield from inner();
    }
}

foreach (worker() as $n) {
    Kept::$items[] = random_bytes(2000); // between two resumptions: the caller's
    if (count(Kept::$items) === 80) {
        break;
    }
}
check_grows();
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
