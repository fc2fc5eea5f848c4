--TEST--
A3: append to a static variable: every loop names that line
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    static $arr = [];
    $arr[] = str_repeat(chr(65 + $i % 26), 12 * 1024); // LEAK
}

loops(21, 'main');
check_leaking_loops();
--EXPECT--
old report: 20 loops, each names the planted line
