--TEST--
Exact lines: internal functions, callbacks, variadics, named arguments, spread
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

/** Keeps its arguments: they are collected when the function is entered. */
function variadic(...$arguments): array // ALLOC
{
    return $arguments;
}

function unused(mixed ...$arguments): array
{
    return func_get_args(); // ALLOC
}

function main(int $i): void
{
    trackerHookMalloc();
    $parts = [$i, $i];

    // An internal function: the line is that of the call, the name its own
    keep(
        str_repeat( // ALLOC str_repeat
            chr($i),
            100,
        )
    );
    keep(strrev("abc $i")); // ALLOC strrev
    keep(json_encode(['value' => $i])); // ALLOC json_encode
    keep(explode(' ', "a$i b$i c$i")); // ALLOC explode
    keep(sprintf('%010d', $i)); // ALLOC sprintf
    keep(
        implode( // ALLOC implode
            ', ',
            array_map(
                fn (int $n) => "<$n>",
                $parts,
            ),
        )
    );

    // A callback of an internal function allocates on its own line
    keep(
        array_map( // ALLOC array_map
            function (int $n): string {
                return
                    "number $n"; // ALLOC
            },
            $parts,
        )
    );

    // A method of an internal class
    $storage = new ArrayObject(); // ALLOC
    $storage->append(str_repeat(chr($i), 64)); // ALLOC str_repeat,ArrayObject::append
    keep($storage);
    keep((new DateTime('@1000000000'))->format('Y-m-d H:i:s')); // ALLOC DateTime::format

    // Variadics, named arguments, spread
    keep(
        variadic(
            $i,
            2,
        )
    );
    keep(
        variadic(
            a: $i,
            b: 2,
        )
    );
    keep(
        unused(
            ...[1, $i],
        )
    );

    // call_user_func() and call_user_func_array()
    keep(call_user_func(
        'str_repeat',
        chr($i),
        100, // ALLOC str_repeat
    ));

    // STRVAL, substr, and frameless candidates
    keep(strval($i + 100000)); // ALLOC
    keep(substr("a long string $i", 2, 12)); // ALLOC substr
    keep(str_replace('a', 'bb', "aaaa $i")); // ALLOC str_replace
}

loops(20, 'main');
check_lines();
--EXPECT--
loops recorded: 19
lines with allocations: 18, as marked
