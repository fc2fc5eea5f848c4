--TEST--
Memory that an internal object keeps for itself is held by whoever holds the object
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.holder_budget_ms=2000
--FILE--
<?php
require __DIR__ . '/holders.inc';

class Keep
{
    public static array $dates = [];
    public static array $files = [];
    public static array $storages = [];
    public static array $filters = [];
}

function main(int $i): void
{
    trackerHookMalloc();
    Keep::$dates[] = new DateTime('2024-01-01 10:00 Europe/Berlin'); // DATE
    Keep::$files[] = new SplFileInfo(str_repeat('x', 90 + $i)); // FILE: it has a buffer of 4 KB, where anything may stand
    Keep::$storages[] = new SplObjectStorage(); // STORAGE
    Keep::$filters[] = new CallbackFilterIterator(new ArrayIterator([$i]), 'strlen'); // FILTER
}

loops(LOOPS, 'main');
foreach (['DATE', 'FILE', 'STORAGE', 'FILTER'] as $marker) {
    $found = [];
    foreach (sites_at(report(), marked($marker)[0]) as $site) {
        foreach ($site['holder'] as $holder) {
            // The tables of the properties belong to the same lines.
            if (str_contains($holder['path'], '(object') || $holder['kind'] !== 'static') {
                $found[] = ($site['function'] ?? 'new') . ': ' . preg_replace('/, array of \d+.*/', ')', $holder['path']);
            }
        }
    }
    sort($found);
    echo "$marker\n  ", implode("\n  ", $found), "\n";
}
--EXPECT--
DATE
  DateTime::__construct: Keep::$dates[*] (object DateTime)
  new: Keep::$dates[*] (object DateTime)
FILE
  SplFileInfo::__construct: held by native code or within an internal object (the search does not see inside those)
  new: Keep::$files[*] (object SplFileInfo)
  str_repeat: held by native code or within an internal object (the search does not see inside those)
STORAGE
  new: Keep::$storages[*] (object SplObjectStorage)
FILTER
  CallbackFilterIterator::__construct: Keep::$filters[*] (internals) (object __iterator_wrapper)
  CallbackFilterIterator::__construct: Keep::$filters[*] (object CallbackFilterIterator)
  new: Keep::$filters[*] (inner iterator) (object ArrayIterator)
  new: Keep::$filters[*] (object CallbackFilterIterator)
