--TEST--
Exact lines: concatenation, interpolation, assignment operators, casts
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Text implements Stringable
{
    public function __construct(private string $text)
    {
    }

    public function __toString(): string
    {
        return '<'
            . $this->text
            . '>'; // ALLOC
    }
}

function main(int $i): void
{
    trackerHookMalloc();
    $a = str_repeat(chr(65 + $i), 30);
    $b = str_repeat(chr($i), 40);

    // CONCAT of two variables
    keep(
        $a
        . $b // ALLOC
    );

    // CONCAT with a literal on either side
    keep(
        'before '
        . $a // ALLOC
    );
    keep(
        $a
        . ' after' // ALLOC
    );

    // A chain: the last step makes the string that stays
    keep(
        $a
        . $b
        . $i
        . $a // ALLOC
    );

    // An operand that is itself computed over several lines
    keep(
        $a
        . (
            $i > 5
            ? $a
            : $b // ALLOC
        )
    );

    // FAST_CONCAT and ROPE_INIT, ROPE_ADD, ROPE_END
    keep(
        "x $a" // ALLOC
    );
    keep(
        "one $a two $b three" // ALLOC
    );
    keep(<<<TEXT
        first line $a
        second line $b // ALLOC
        TEXT);

    // ASSIGN_OP (.=)
    $c = $a;
    $c
        .= $b; // ALLOC
    keep($c);

    // CAST, also of an object whose method allocates on a line of its own
    keep(
        (string)
        ($i + 1000000) // ALLOC
    );
    keep(
        (string)
        ($i + 1000.5) // ALLOC
    );
    keep(
        (string) new Text($a)
    );

    // Increment of a string
    $name = $a;
    $name // ALLOC
        ++;
    keep($name);

    // Writing to an offset separates the string
    $copy = $a;
    $copy[
        3 // ALLOC
    ] = 'x';
    keep($copy);
}

loops(20, 'main');
check_lines();
--EXPECT--
loops recorded: 19
lines with allocations: 14, as marked
