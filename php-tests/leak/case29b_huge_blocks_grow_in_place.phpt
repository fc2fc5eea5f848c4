--TEST--
The hook's tables lie far from the heap: huge blocks grow in place as without it, and the same limit suffices
--SKIPIF--
<?php if (php_uname('m') !== 'x86_64') die('skip addresses are too small elsewhere'); ?>
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
function main(): void
{
    trackerHookMalloc();
    for ($n = 0; $n < 20000; $n++) {
        $GLOBALS['kept'][] = str_repeat('x', 600 + ($n & 1));
    }
}

/** Mappings as large as a table, 4 bytes for 8 of a chunk of 2 MB, and a page: near the heap and far from it. */
function tables(): array
{
    preg_match_all('/^([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0\s*$/m', file_get_contents('/proc/self/maps'), $found);
    $near = $far = [];
    foreach ($found[1] as $i => $begin) {
        if (hexdec($found[2][$i]) - hexdec($begin) === (1 << 20) + 4096) {
            hexdec($begin) < 0x600000000000 ? $far[] = $begin : $near[] = $begin;
        }
    }
    return [$near, $far];
}

// What malloc() maps for 1 MB is as large. The hook's own first table must not be
// mistaken for that: what is there before the hook is not the hook's.
[$others] = tables();
main();
main();
[$near, $far] = tables();
$near = array_diff($near, $others);
echo count($far) > 3 ? 'far' : count($far) . ' tables', ', ', $near ? count($near) : 'none', " near the heap\n";
--EXPECT--
far, none near the heap
