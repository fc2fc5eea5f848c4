--TEST--
A9 with fibers: appended in the main function, emptied in a fiber that a fiber started
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Test
{
    public static array $arr = [];
}

function main(int $i): void
{
    trackerHookMalloc();
    Test::$arr[] = str_repeat(chr(65 + $i % 26), 12 * 1024);
    $child = new Fiber(function (): void {
        $grandchild = new Fiber(function (): void {
            Fiber::suspend();
            Test::$arr = [];
        });
        $grandchild->start();
        Fiber::suspend();
        $grandchild->resume();
    });
    $child->start();
    $child->resume();
}

loops(40, 'main');
check_clean_loops();
check_silent();
--EXPECT--
old report: 39 loops, clean from loop 0 on
loops recorded: 39
lines that grow: 0, as planted
