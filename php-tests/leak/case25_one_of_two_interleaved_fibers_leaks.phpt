--TEST--
Case 25: of two interleaved fibers, only the line of the one that leaks is named
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Store
{
    public static array $kept = [];
}

function innocent(int $i): void
{
    trackerHookMalloc();
    $temporary = random_bytes(3000);
    Fiber::suspend();
    $more = str_repeat($temporary, 4);
    Fiber::suspend();
}

function leaky(int $i): void
{
    trackerHookMalloc();
    $temporary = random_bytes(500);
    Fiber::suspend();
    Store::$kept[] = random_bytes(1000); // LEAK
    Fiber::suspend();
}

for ($i = 0; $i < 60; $i++) {
    $fibers = [new Fiber('innocent'), new Fiber('leaky')];
    foreach ($fibers as $fiber) {
        $fiber->start($i);
    }
    // The order of the switches changes, so that each also ends first.
    while ($fibers) {
        $fiber = $i % 2 ? end($fibers) : reset($fibers);
        $fibers = $i % 2 ? array_slice($fibers, 0, -1) : array_slice($fibers, 1);
        $fiber->resume();
        if (!$fiber->isTerminated()) {
            $fibers[] = $fiber;
            $fibers = array_reverse($fibers);
        }
    }
}
$process = report();
unset($process['loops']); // how loops of two functions are numbered is not the point here
check_grows(process: $process + ['loops' => 'some']);
check_holder('Store::$kept');
--EXPECT--
loops recorded: some
lines that grow: 1, as planted
held by: Store::$kept
