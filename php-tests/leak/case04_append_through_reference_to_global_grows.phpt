--TEST--
Case 4: appending through a property that is bound by reference to a global grows
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Handler
{
    public $pro;
}

$GLOBALS['arr'] = [];

function main(int $i): void
{
    trackerHookMalloc();
    $obj = new Handler();
    $obj->pro = &$GLOBALS['arr'];
    $obj->pro[] = str_repeat(chr($i), 12 * 1024); // LEAK
}

loops(40, 'main');
check_grows();
check_leaking_loops();
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
old report: 39 loops, each names the planted line
