--TEST--
A12: memory that an internal function keeps is reported at the calling line, with the function's name
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    register_shutdown_function(strlen(...), str_repeat(chr($i), 1000)); // LEAK
}

loops(40, 'main');
check_grows();
check_leaking_loops();
$functions = array_column(sites_at(report(), marked()[0]), 'function');
echo 'named: ', in_array('register_shutdown_function', $functions, true) && in_array('str_repeat', $functions, true)
    ? 'register_shutdown_function and str_repeat' : json_encode($functions), "\n";
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
old report: 39 loops, each names the planted line
named: register_shutdown_function and str_repeat
