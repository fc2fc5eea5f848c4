--TEST--
Case 25 with Swoole: of interleaved coroutines, only the line of the one that leaks is named
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

class Store
{
    public static array $kept = [];
}

function innocent(): void
{
    trackerHookMalloc();
    $temporary = random_bytes(3000);
    Swoole\Coroutine::sleep(0.003);
    $more = str_repeat($temporary, 4);
    Swoole\Coroutine::sleep(0.003);
}

function leaky(): void
{
    trackerHookMalloc();
    $temporary = random_bytes(500);
    Swoole\Coroutine::sleep(0.004);
    Store::$kept[] = random_bytes(1000); // LEAK
    Swoole\Coroutine::sleep(0.001);
}

$left = 80;
Swoole\Timer::tick(2, function (int $timer) use (&$left): void {
    if ($left-- <= 0) {
        Swoole\Timer::clear($timer);
        return;
    }
    $left % 2 ? leaky() : innocent();
});
Swoole\Event::wait();
check_grows(process: ['loops' => 'some'] + report());
--EXPECT--
loops recorded: some
lines that grow: 1, as planted
