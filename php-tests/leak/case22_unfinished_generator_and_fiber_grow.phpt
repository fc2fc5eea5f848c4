--TEST--
Case 22: unfinished generators and fibers in a static grow
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
memory_limit=256M
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Pending
{
    public static array $generators = [];
    public static array $fibers = [];
}

function rows(int $i): Generator // LEAK
{
    $buffer = random_bytes(1000); // LEAK
    yield $i;
    yield strlen($buffer);
}

function main(int $i): void
{
    trackerHookMalloc();
    (Pending::$generators[] = rows($i))->current(); // LEAK
    (Pending::$fibers[] = new Fiber(function (int $i): void { // LEAK
        $buffer = random_bytes(1000); // LEAK
        Fiber::suspend($buffer);
        echo strlen($buffer);
    }))->start($i); // START
}

loops(100, 'main');

// start() allocates the VM stack of the fiber: that line may be named as well.
$found = grows(report());
check_grows(array_merge(marked(), array_intersect($found, marked('START'))));
--EXPECTF--
loops recorded: 99
lines that grow: %r5|6%r, as planted
