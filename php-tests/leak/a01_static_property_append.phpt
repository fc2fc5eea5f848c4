--TEST--
A1: append to a static property: every loop names that line
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
    Test::$arr[] = str_repeat(chr(65 + $i % 26), 12 * 1024); // LEAK
}

loops(21, 'main');
check_leaking_loops();
--EXPECT--
old report: 20 loops, each names the planted line
