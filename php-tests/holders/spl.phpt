--TEST--
Containers of SPL, and WeakMap
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.holder_budget_ms=2000
--FILE--
<?php
require __DIR__ . '/holders.inc';

class Item
{
    public string $text;
}

class Kept
{
    public static SplObjectStorage $storage;
    public static ArrayObject $array;
    public static SplQueue $queue;
    public static WeakMap $weak;
    public static array $keys = [];
}

Kept::$storage = new SplObjectStorage();
Kept::$array = new ArrayObject();
Kept::$queue = new SplQueue();
Kept::$weak = new WeakMap();

function main(int $i): void
{
    trackerHookMalloc();
    Kept::$storage[new stdClass()] = random_bytes(500); // STORAGE
    Kept::$array[] = random_bytes(500); // ARRAY
    Kept::$queue[] = random_bytes(500); // QUEUE
    Kept::$keys[] = $key = new Item();
    Kept::$weak[$key] = random_bytes(500); // WEAK
}

loops(LOOPS, 'main');
foreach (['STORAGE', 'ARRAY', 'QUEUE', 'WEAK'] as $marker) {
    echo $marker, ": ", holder($marker, "/string/"), "\n";
}
--EXPECT--
STORAGE: static: Kept::$storage data of [*] (string, container of N elements)
ARRAY: static: Kept::$array[*] (string, array of N elements)
QUEUE: static: Kept::$queue[*] (string, container of N elements)
WEAK: static: Kept::$weak data of [*] (string, container of N elements)
