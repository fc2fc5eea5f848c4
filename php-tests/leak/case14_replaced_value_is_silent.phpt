--TEST--
Case 14: a value that is replaced in every loop is no leak
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Cache
{
    public static ?string $last = null;
}

function main(int $i): void
{
    trackerHookMalloc();
    $GLOBALS['last'] = str_repeat(chr($i), 5000);
    Cache::$last = str_repeat(chr($i), 300);
}

loops(40, 'main');
check_silent();
check_clean_loops(1);
--EXPECT--
loops recorded: 39
lines that grow: 0, as planted
old report: 39 loops, clean from loop 1 on
