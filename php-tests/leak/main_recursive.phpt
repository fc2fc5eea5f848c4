--TEST--
A recursive main function: only the line that leaks is named
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

function main(int $depth): string
{
    trackerHookMalloc();
    $local = random_bytes(500);
    if ($depth === 0) {
        Kept::$items[] = random_bytes(1000); // LEAK
        return $local;
    }
    return substr(main($depth - 1) . $local, 0, 100);
}

for ($i = 0; $i < 40; $i++) {
    main(3);
}
check_grows();
--EXPECT--
loops recorded: 40
lines that grow: 1, as planted
