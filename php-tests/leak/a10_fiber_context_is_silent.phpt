--TEST--
A10 with fibers: data in a context that dies with the fiber is silent, a static is not
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Context
{
    public static WeakMap $data;
    public static array $kept = [];
    public static array $deferred = [];
}

Context::$data = new WeakMap();

function main(int $i): void
{
    trackerHookMalloc();
    Context::$data[Fiber::getCurrent()] = ['body' => str_repeat(chr($i), 5000)];
    Fiber::suspend();
    Context::$kept[] = str_repeat(chr($i), 5000); // LEAK
    try {
        Context::$deferred[] = str_repeat(chr($i), 700);
    } finally {
        Context::$deferred = [];
    }
}

for ($i = 0; $i < 40; $i++) {
    $fiber = new Fiber('main');
    $fiber->start($i);
    $fiber->resume();
    unset($fiber);
}
check_grows();
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
