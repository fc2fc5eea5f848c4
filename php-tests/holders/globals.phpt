--TEST--
Global variables: by key, through references, never a value
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.holder_budget_ms=2000
--FILE--
<?php
require __DIR__ . '/holders.inc';

$cache = ['x' => []];

function main(int $i): void
{
    trackerHookMalloc();
    global $cache;
    $cache['x']["secret $i"] = random_bytes(500); // LEAK
}

show_holders('main'); // the texts, the array, and its keys
--EXPECT--
global: $GLOBALS['cache']['x'][*] (string, array of N elements)
global: $GLOBALS['cache']['x'] (array, N elements, array of N elements)
global: $GLOBALS['cache']['x'][*] (array key, array of N elements)
