--TEST--
Suspended generators and fibers hold their local variables
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.holder_budget_ms=2000
--FILE--
<?php
require __DIR__ . '/holders.inc';

class Pool
{
    public static array $generators = [];
    public static array $fibers = [];
}

function produce(): Generator
{
    $row = random_bytes(500); // GENERATOR
    yield 1;
    yield $row;
}

function work(): void
{
    $job = random_bytes(500); // FIBER
    Fiber::suspend();
    echo strlen($job);
}

function main(int $i): void
{
    trackerHookMalloc();
    $generator = produce();
    $generator->current();
    Pool::$generators[] = $generator;
    Pool::$fibers[] = $fiber = new Fiber(work(...));
    $fiber->start();
}

loops(LOOPS, 'main');
foreach (['GENERATOR', 'FIBER'] as $marker) {
    echo $marker, ": ", holder($marker), "\n";
}
--EXPECT--
GENERATOR: static: Pool::$generators[*] generator at suspended.php:L local $row (string, array of N elements)
FIBER: static: Pool::$fibers[*] fiber at suspended.php:L local $job (string, array of N elements)
