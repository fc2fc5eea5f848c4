--TEST--
A main function that calls another one: only the lines that leak are named
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static array $outer = [];
    public static array $inner = [];
}

function inner(int $i): array
{
    trackerHookMalloc();
    $local = random_bytes(700);
    Kept::$inner[] = random_bytes(300); // LEAK
    return [$local, $i];
}

function outer(int $i): void
{
    trackerHookMalloc();
    $local = random_bytes(900);
    $result = inner($i);
    $more = inner($i);
    Kept::$outer[] = random_bytes(400); // LEAK
}

loops(40, 'outer');
check_grows();
--EXPECT--
loops recorded: 41
lines that grow: 2, as planted
