--TEST--
Loops far down in a deep recursion are recorded at once; in a destructor they wait
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static array $items = [];
}

class Cycle
{
    public Cycle $self;
    public static int $destroyed = 0;

    public function __construct()
    {
        $this->self = $this;
    }

    public function __destruct()
    {
        self::$destroyed++;
    }
}

class Outer
{
    public function __destruct()
    {
        echo 'in a destructor: ', deep(300, 1), " collected before the next call\n";
    }
}

function main(): void
{
    trackerHookMalloc();
    Kept::$items[] = random_bytes(1000); // LEAK
    new Cycle();
}

/** How many cycles were collected by the end of the last loop. */
function deep(int $depth, int $loops): int
{
    if ($depth > 0) {
        return deep($depth - 1, $loops);
    }
    Cycle::$destroyed = 0;
    for ($i = 0; $i < $loops; $i++) {
        main();
    }
    for ($i = 0; $i < 10; $i++) { // check points, and heap events that opcache keeps
        $GLOBALS['text'] = "text $i";
    }
    return Cycle::$destroyed;
}

main();
gc_collect_cycles();
echo 'deep: ', deep(3000, 40), " of 40 collected\n";
$outer = new Outer();
unset($outer);
main();
check_grows();
--EXPECT--
deep: 40 of 40 collected
in a destructor: 0 collected before the next call
loops recorded: 42
lines that grow: 1, as planted
