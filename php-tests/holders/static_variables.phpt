--TEST--
Static variables of functions and of inherited methods
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.holder_budget_ms=2000
--FILE--
<?php
require __DIR__ . '/holders.inc';

class Base
{
    public function remember(string $text): void
    {
        static $texts = [];
        $texts[] = $text;
    }
}

class Heir extends Base
{
}

function remember(string $text): void
{
    static $texts = [];
    $texts["key $text"] = 1; // KEY
}

function main(int $i): void
{
    trackerHookMalloc();
    (new Heir())->remember(random_bytes(500)); // METHOD
    remember(bin2hex(random_bytes(100)));
}

loops(LOOPS, 'main');
foreach (['METHOD', 'KEY'] as $marker) {
    echo $marker, ": ", holder($marker, "/string|key/"), "\n";
}
--EXPECT--
METHOD: static: static $texts in Base::remember()[*] (string, array of N elements)
KEY: static: static $texts in remember()[*] (array key, array of N elements)
