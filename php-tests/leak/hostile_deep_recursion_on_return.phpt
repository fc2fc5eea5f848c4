--TEST--
Bad input: a recursive main function, 20 000 deep, that returns in the end
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
memory_limit=256M
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static array $items = [];
}

function main(int $depth): int
{
    trackerHookMalloc();
    $local = "local $depth";
    return $depth === 0 ? strlen($local) : main($depth - 1) + 1;
}

echo main(20000), "\n";
for ($i = 0; $i < 40; $i++) {
    main(3);
    Kept::$items[] = $i;
}
echo 'false alarms: ', implode(' ', array_diff(grows(report()), [])) ?: 'none', "\n";
--EXPECT--
20007
false alarms: none
