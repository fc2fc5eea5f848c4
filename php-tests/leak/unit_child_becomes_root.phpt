--TEST--
A fiber that was born in a loop and outlives it may have a main function of its own
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

function job(): void
{
    trackerHookMalloc();
    Kept::$items[] = random_bytes(1000); // LEAK
    $local = random_bytes(500);
}

function tick(int $i): ?Fiber
{
    trackerHookMalloc();
    if ($i !== 1) {
        return null;
    }
    $fiber = new Fiber(function (): void {
        while (true) {
            Fiber::suspend();
            job();
        }
    });
    $fiber->start();
    return $fiber;
}

tick(0);
$fiber = tick(1);
tick(2);
for ($i = 0; $i < 40; $i++) {
    $fiber->resume();
}
check_grows();
--EXPECT--
loops recorded: 42
lines that grow: 1, as planted
