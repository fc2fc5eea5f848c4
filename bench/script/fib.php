<?php
// 150,049 user calls and nothing else: what a tax on calls would show in.
function fib($n)
{
    return $n < 2 ? 1 : fib($n - 1) + fib($n - 2);
}
fib(24);
