--TEST--
A10: the same without the defer: that line is named
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
    Swoole\Coroutine::getContext()['data'] = str_repeat(chr($i), 12 * 1024);
    Test::$arr[] = str_repeat(chr($i), 12 * 1024); // LEAK
    Swoole\Coroutine::sleep(0.001);
});
check_grows();
check_leaking_loops();
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
old report: 39 loops, each names the planted line
