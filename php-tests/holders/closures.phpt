--TEST--
Closures: bound variables, $this, first-class callables
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.holder_budget_ms=2000
--FILE--
<?php
require __DIR__ . '/holders.inc';

class Service
{
    public string $big;

    public function __construct()
    {
        $this->big = random_bytes(500); // THIS
    }

    public function callback(): Closure
    {
        return fn () => $this->big;
    }
}

class Hooks
{
    public static array $bound = [];
    public static array $methods = [];
}

function main(int $i): void
{
    trackerHookMalloc();
    $text = random_bytes(500); // USE
    Hooks::$bound[] = static function () use ($text): void {
        strlen($text);
    };
    Hooks::$methods[] = (new Service())->callback();
}

loops(LOOPS, 'main');
foreach (['USE', 'THIS'] as $marker) {
    echo $marker, ": ", holder($marker), "\n";
}
--EXPECT--
USE: static: Hooks::$bound[*] {closure}(closures.php:L) use ($text) (string, array of N elements)
THIS: static: Hooks::$methods[*] {closure}(closures.php:L) $this->big (string, array of N elements)
