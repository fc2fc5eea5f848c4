--TEST--
A11: a timer that allocates while the request is suspended is not blamed on it
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

class Metrics
{
    public static array $samples = [];
}

$timer = Swoole\Timer::tick(1, function (): void {
    Metrics::$samples[] = random_bytes(2000);
});
$left = 40;
$next = function () use (&$next, &$left, $timer): void {
    Swoole\Coroutine::create(function (): void {
        trackerHookMalloc();
        $body = random_bytes(1000);
        Swoole\Coroutine::sleep(0.005);
        $reply = strrev($body);
    });
    if (--$left > 0) {
        Swoole\Timer::after(10, $next);
    } else {
        Swoole\Timer::clear($timer);
    }
};
$next();
Swoole\Event::wait();
check_silent();
check_clean_loops();
--EXPECT--
loops recorded: 39
lines that grow: 0, as planted
old report: 39 loops, clean from loop 0 on
