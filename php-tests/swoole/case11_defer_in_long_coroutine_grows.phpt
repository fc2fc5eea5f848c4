--TEST--
Case 11: callbacks deferred in a coroutine that lives on grow
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    $body = random_bytes(1000); // LEAK
    Swoole\Coroutine::defer(function () use ($body): void { // LEAK
        strlen($body);
    });
}

Swoole\Coroutine\run(function (): void {
    loops(60, 'main');
    check_grows();
});
--EXPECT--
loops recorded: 58
lines that grow: 2, as planted
