--TEST--
Exact lines: closures, bound variables, generators, fibers, static variables
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function numbers(int $i): Generator // ALLOC
{
    $text =
        "text $i"; // ALLOC
    yield $text;
    yield 2;
}

function main(int $i): void
{
    trackerHookMalloc();
    $x = "x $i"; // ALLOC

    // DECLARE_LAMBDA_FUNCTION and BIND_LEXICAL
    keep(
        function () use ($x) { // ALLOC
            return $x;
        }
    );
    keep(
        fn () => $x // ALLOC
    );

    // BIND_STATIC: the variable becomes a reference when the closure first runs
    $count = function () { // ALLOC
        static $calls = 0; // ALLOC
        return ++$calls;
    };
    $count();
    keep($count);

    // A first-class callable
    keep(
        strlen(...) // ALLOC
    );

    // A generator: frame and object belong to the line of the function
    $generator = numbers($i);
    $generator->current();
    keep($generator);

    // A suspended fiber: its object, what start() needs, what its code made
    $fiber = new Fiber(function () use ($i): void { // ALLOC
        $text =
            "fiber $i"; // ALLOC
        Fiber::suspend();
        echo $text;
    });
    $fiber
        ->start(); // ALLOC Fiber::start
    keep($fiber);
}

loops(20, 'main');
check_lines();
--EXPECT--
loops recorded: 19
lines with allocations: 11, as marked
