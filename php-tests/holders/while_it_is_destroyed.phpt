--TEST--
A main function that a destructor calls, or a heap's comparison: what is half destroyed is not looked at
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

final class Unit
{
    public array $rows;

    public function __construct(int $i)
    {
        $this->rows = [['id' => $i], new ArrayObject([$i])];
    }

    public function __destruct()
    {
        flush_unit($this);
    }
}

function flush_unit(Unit $unit): void
{
    trackerHookMalloc();
    static $log = [];
    $log[] = json_encode($unit->rows[0]);
}

final class Rows implements Iterator
{
    private int $i = 0;

    public function current(): array
    {
        return [new Unit($this->i), new Unit($this->i), new Unit(1)];
    }

    public function key(): int
    {
        return $this->i;
    }

    public function next(): void
    {
        $this->i++;
    }

    public function rewind(): void
    {
    }

    public function valid(): bool
    {
        return $this->i < 300;
    }
}

final class Kept
{
    public static ?Iterator $iterator = null;
}

Kept::$iterator = (function () {
    for ($i = 0;; $i += 3) {
        yield [new Unit($i), new Unit($i + 1), new Unit($i + 2)];
    }
})();
for ($i = 0; $i < 400; $i++) {
    Kept::$iterator->next();
}
Kept::$iterator = null;
echo "generator\n";

Kept::$iterator = new IteratorIterator(new Rows());
foreach (Kept::$iterator as $row) {
    unset($row);
}
Kept::$iterator = null;
echo "iterator\n";

final class Jobs extends SplMinHeap
{
    public bool $works = false;

    protected function compare($a, $b): int
    {
        $this->works && work();
        return $b[0] <=> $a[0];
    }
}

// A line more that leaks every few loops, so that holders are often looked for.
for ($i = 0; $i < 40; $i++) {
    eval("function leak$i() { static \$all = []; \$all[] = str_repeat('x', 100); }");
}

function work(): void
{
    trackerHookMalloc();
    static $n = 0;
    $n++;
    for ($i = 0; $i * 4 < $n && $i < 40; $i++) {
        "leak$i"();
    }
}

$jobs = new Jobs();
for ($i = 0; $i < 150; $i++) {
    $jobs->insert([$i * 7919 % 1000, ['k' => range(1, $i + 3)], new ArrayObject([1, 2, [3]])]);
}
$jobs->works = true;
foreach ($jobs as $job) {
    unset($job);
    if ($jobs->count() < 20) {
        break;
    }
}
echo "heap\n";
--EXPECT--
generator
iterator
heap
