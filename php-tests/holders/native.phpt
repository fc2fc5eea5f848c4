--TEST--
What no variable holds is said to be held by native code
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.holder_budget_ms=2000
--FILE--
<?php
require __DIR__ . '/holders.inc';

function main(int $i): void
{
    trackerHookMalloc();
    $text = random_bytes(500); // LEAK
    spl_autoload_register(function (string $class) use ($text): void {
        strlen($text);
    });
}

show_holders('main');
--EXPECT--
native: held by native code or a garbage cycle (object Closure) {closure}(native.php:L) use ($text) (string)
