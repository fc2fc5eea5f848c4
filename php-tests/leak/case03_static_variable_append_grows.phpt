--TEST--
Case 3: appending to a static variable of a function grows
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    static $collected = [];
    $collected[] = str_repeat(chr($i), 1000); // LEAK
}

loops(40, 'main');
check_grows();
check_holder('collected', kind: 'static');
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
held by: collected
