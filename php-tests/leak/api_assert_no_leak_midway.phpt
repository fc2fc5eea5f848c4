--TEST--
trackerAssertNoLeak() in the midst of a recording: it goes on with its numbers, and a kept exception stays one
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static array $items = [];
    public static ?string $last = null;
    public static int $thrown = 0;
}

class Bomb
{
    public ?Bomb $self;

    public function __destruct()
    {
        throw new DomainException('from a destructor');
    }
}

function main(int $i): void
{
    trackerHookMalloc();
    Kept::$items[] = random_bytes(1000); // LEAK
    Kept::$last = random_bytes(2000);
    if ($i === 19) {
        $bomb = new Bomb();
        $bomb->self = $bomb;
    }
}

loops(20, 'main');
try {
    trackerAssertNoLeak(fn () => strlen(random_bytes(1000)));
    echo "passes\n";
} catch (DomainException $e) {
    echo 'thrown by the assertion: ', $e->getMessage(), "\n";
}
loops(20, fn (int $i) => main(20 + $i));
try {
    trackerAssertNoLeak(fn () => Kept::$items[] = 'x' . random_bytes(1000), 40, 0);
} catch (SwooleTracker\LeakException) {
    echo "leaks\n";
}
loops(5, fn (int $i) => main(40 + $i));
check_grows();
$numbers = array_column(read_old_report(old_report())['blocks'], 'loop');
echo 'numbers: ', $numbers === range(0, 43) ? '0 to 43' : implode(' ', $numbers), "\n";
--EXPECT--
thrown by the assertion: from a destructor
leaks
loops recorded: 44
lines that grow: 1, as planted
numbers: 0 to 43
