--TEST--
Two main functions in one process, called in turn
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static array $items = [];
}

function request(int $i): void
{
    trackerHookMalloc();
    $local = random_bytes(700);
    $GLOBALS['last'] = random_bytes(50);
}

function job(int $i): void
{
    trackerHookMalloc();
    $local = random_bytes(900);
    Kept::$items[] = random_bytes(300); // LEAK
}

for ($i = 0; $i < 40; $i++) {
    request($i);
    if ($i % 3 === 0) {
        job($i);
        job($i);
    }
}
check_grows();
--EXPECT--
loops recorded: 67
lines that grow: 1, as planted
