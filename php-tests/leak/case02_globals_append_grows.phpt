--TEST--
Case 2: appending to $GLOBALS grows
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$GLOBALS['seen'] = [];

function main(int $i): void
{
    trackerHookMalloc();
    $GLOBALS['seen'][] = str_repeat(chr($i), 1000); // LEAK
}

loops(40, 'main');
check_grows();
check_holder('seen', kind: 'global');
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
held by: seen
