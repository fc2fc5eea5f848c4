--TEST--
A9: appended in the main function, emptied in a grandchild coroutine
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';
require __DIR__ . '/requests.inc';

class Test
{
    public static array $arr = [];
}

requests(40, function (int $i): void {
    trackerHookMalloc();
    Test::$arr[] = str_repeat(chr($i), 12 * 1024);
    go(function (): void {
        Swoole\Coroutine::sleep(0.001);
        go(function (): void {
            Swoole\Coroutine::sleep(0.001);
            Test::$arr = [];
        });
    });
});
check_silent();
check_clean_loops();
--EXPECT--
loops recorded: 39
lines that grow: 0, as planted
old report: 39 loops, clean from loop 0 on
