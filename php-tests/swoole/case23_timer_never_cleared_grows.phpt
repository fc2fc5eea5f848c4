--TEST--
Case 23: a timer per request that is never cleared grows; native code holds it
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable=0
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    $body = random_bytes(1000); // LEAK
    Swoole\Timer::tick(3_600_000, function () use ($body): void { // LEAK
        strlen($body);
    });
}

loops(60, 'main');
check_grows();
check_holder('held by native code, a suspended coroutine or a garbage cycle (object Closure)', kind: 'native');
Swoole\Timer::clearAll();
Swoole\Event::wait();
--EXPECT--
loops recorded: 59
lines that grow: 2, as planted
held by: held by native code, a suspended coroutine or a garbage cycle (object Closure)
