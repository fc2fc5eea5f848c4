--TEST--
A5: a key that is set in this loop and unset in the next: no lines
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$GLOBALS['arr'] = ['first' => true]; // the table itself exists before

function main(int $i): void
{
    trackerHookMalloc();
    unset($GLOBALS['arr'][$i - 1]);
    $GLOBALS['arr'][$i] = str_repeat(chr(65 + $i % 26), 12 * 1024);
}

loops(40, 'main');
check_clean_loops();
check_silent();
--EXPECT--
old report: 39 loops, clean from loop 0 on
loops recorded: 39
lines that grow: 0, as planted
