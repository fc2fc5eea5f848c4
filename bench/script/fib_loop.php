<?php
// fib(24) in a loop that records, where the hook is on: calls must cost
// nothing. Argument 0: the same without fib, to subtract.
function fib($n)
{
    return $n < 2 ? 1 : fib($n - 1) + fib($n - 2);
}

function loop(bool $work): void
{
    trackerHookMalloc();
    if ($work) {
        fib(24);
    }
}

loop(false); // the first loop records nothing
loop((bool) $argv[1]);
