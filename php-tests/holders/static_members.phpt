--TEST--
Static members: own, inherited, redeclared
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.holder_budget_ms=2000
--FILE--
<?php
require __DIR__ . '/holders.inc';

class Base
{
    public static array $shared = [];
    public static array $own = [];
    private static array $hidden = [];

    public static function hide(string $text): void
    {
        self::$hidden['deep']['er'][] = $text;
    }
}

class Heir extends Base
{
    public static array $own = [];
}

function main(int $i): void
{
    trackerHookMalloc();
    Heir::$shared[] = random_bytes(500); // SHARED
    Heir::$own[] = random_bytes(500); // OWN
    Heir::hide(random_bytes(500)); // HIDDEN
}

loops(LOOPS, 'main');
foreach (['SHARED', 'OWN', 'HIDDEN'] as $marker) {
    echo $marker, ": ", holder($marker), "\n";
}
--EXPECT--
SHARED: static: Base::$shared[*] (string, array of N elements)
OWN: static: Heir::$own[*] (string, array of N elements)
HIDDEN: static: Base::$hidden['deep']['er'][*] (string, array of N elements)
