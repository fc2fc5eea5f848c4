--TEST--
Exact lines: array literals, growth, separation, unpacking, autovivification
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    $list = range(0, 5 + $i % 2);

    // INIT_ARRAY and ADD_ARRAY_ELEMENT: the table is made with the first element
    keep([
        $i, // ALLOC
        $i + 1,
        $i + 2,
    ]);
    keep([
        'key' => $i, // ALLOC
        'other' => 1,
    ]);

    // A string made by an element on its own line
    keep([
        0 => $i, // ALLOC
        1 => "element $i", // ALLOC
        2 => "more $i", // ALLOC
    ]);

    // ADD_ARRAY_UNPACK: nine elements and more do not fit into the first table
    keep([
        $i, // ALLOC
        ...$list,
        ...$list, // ALLOC
    ]);

    // ASSIGN_DIM that creates an array and one that makes it grow
    $grown = [];
    $grown[] = $i; // ALLOC
    $grown[] = $i;
    $grown[] = $i;
    $grown[] = $i;
    $grown[] = $i;
    $grown[] = $i;
    $grown[] = $i;
    $grown[] = $i;
    $grown[] = $i; // ALLOC
    keep($grown);

    // ASSIGN_DIM that separates a shared array
    $shared = $list;
    $shared[
        2 // ALLOC
    ] = $i;
    keep($shared);

    // FETCH_DIM_W creates the inner arrays
    $tree = null;
    $tree
        ['a'] // ALLOC
        ['b'] // ALLOC
        ['c'] = $i; // ALLOC
    keep($tree);

    // A packed array becomes a hash
    $hash = [$i, $i]; // ALLOC
    $hash['key'] = 1; // ALLOC
    keep($hash);

    // MAKE_REF, ASSIGN_REF and a reference in a literal
    $value = $i;
    $reference =
        &$value; // ALLOC
    keep([
        &$reference, // ALLOC
    ]);

    // CAST to array
    keep(
        (array)
        $i // ALLOC
    );

    // ASSIGN_DIM_OP with a string
    $counters = ['a' => "a$i"]; // ALLOC
    $counters['a'] // ALLOC
        .= " and a long tail $i";
    keep($counters);
}

loops(20, 'main');
check_lines();
--EXPECT--
loops recorded: 19
lines with allocations: 20, as marked
