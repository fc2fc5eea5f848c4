--TEST--
Without a budget nobody is named
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.holder_budget_ms=0
--FILE--
<?php
require __DIR__ . '/holders.inc';

class Registry
{
    public static array $items = [];
}

function main(int $i): void
{
    trackerHookMalloc();
    Registry::$items[] = random_bytes(500); // LEAK
}

show_holders('main');
check_grows();
--EXPECT--
no holder
loops recorded: 39
lines that grow: 1, as planted
