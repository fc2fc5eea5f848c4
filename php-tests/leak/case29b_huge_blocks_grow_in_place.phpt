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

main();
main();
preg_match_all('/^([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0\s*$/m', file_get_contents('/proc/self/maps'), $found);
$near = $far = 0;
foreach ($found[1] as $i => $begin) {
    // A table: 4 bytes for 8 of a chunk of 2 MB, and a page.
    if (hexdec($found[2][$i]) - hexdec($begin) === (1 << 20) + 4096) {
        hexdec($begin) < 0x600000000000 ? $far++ : $near++;
    }
}
// An allocation of malloc() or two happen to have that size.
echo $far > 4 ? 'far' : "$far tables", ', ', $near < 3 ? 'none' : $near, " near the heap\n";
--EXPECT--
far, none near the heap
