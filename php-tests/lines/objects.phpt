--TEST--
Exact lines: new, clone, dynamic properties, casts, trampolines
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

#[AllowDynamicProperties]
class Point
{
    public array $list = [];

    public function __construct(public int $x = 0, public ?string $name = null)
    {
    }

    public function __call(string $method, array $arguments): mixed
    {
        return $arguments;
    }

    public static function __callStatic(string $method, array $arguments): mixed
    {
        return $arguments;
    }

    public function __get(string $property): string
    {
        return
            "value of $property"; // ALLOC
    }
}

class Child extends Point
{
    public function __clone()
    {
        $this->name =
            "copy of $this->x"; // ALLOC
    }
}

function main(int $i): void
{
    trackerHookMalloc();
    $class = 'Point';

    // NEW: the object is made before its arguments are computed
    keep(
        new Point( // ALLOC
            $i,
        )
    );
    keep(
        new $class // ALLOC
    );
    keep(
        new Point( // ALLOC
            $i,
            "name $i", // ALLOC
        )
    );
    keep(new class ($i) { // ALLOC
        public function __construct(public int $x)
        {
        }
    });

    // CLONE, with a __clone() that allocates on its own line
    $child = new Child($i); // ALLOC
    keep($child);
    keep(
        clone
        $child // ALLOC
    );

    // ASSIGN_OBJ: a dynamic property creates the property table
    $point = new Point($i); // ALLOC
    $point->extra // ALLOC
        = $i;
    keep($point);

    // ASSIGN_OBJ_OP
    $named = new Point($i, 'a'); // ALLOC
    $named->name // ALLOC
        .= " and a tail of $i";
    keep($named);

    // FETCH_OBJ_W with a dimension
    $holder = new Point($i); // ALLOC
    $holder
        ->list[] = $i; // ALLOC
    keep($holder);

    // CAST to object
    keep(
        (object)
        ['x' => $i] // ALLOC
    );

    // __get() allocates inside
    keep($holder->missing);

    // The arguments of __call() and __callStatic() become an array at the call
    keep(
        $point->anything( // ALLOC
            $i,
            2,
        )
    );
    keep(
        Point::anything( // ALLOC
            $i,
            2,
        )
    );
}

loops(20, 'main');
check_lines();
--EXPECT--
loops recorded: 19
lines with allocations: 18, as marked
