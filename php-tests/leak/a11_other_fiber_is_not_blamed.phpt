--TEST--
A11 with fibers: what a timer allocates while the request is suspended is not blamed on it
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Metrics
{
    public static array $samples = [];
}

/** Not a main function: runs between the requests, never calls trackerHookMalloc(). */
function timer(): void
{
    while (true) {
        Metrics::$samples[] = random_bytes(2000);
        Fiber::suspend();
    }
}

function main(int $i): void
{
    trackerHookMalloc();
    $body = random_bytes(1000);
    Fiber::suspend();
    $reply = strrev($body);
}

$timer = new Fiber('timer');
$timer->start();
for ($i = 0; $i < 40; $i++) {
    $request = new Fiber('main');
    $request->start($i);
    $timer->resume();
    $timer->resume();
    $request->resume();
    unset($request);
}
check_silent();
check_clean_loops();
--EXPECT--
loops recorded: 39
lines that grow: 0, as planted
old report: 39 loops, clean from loop 0 on
