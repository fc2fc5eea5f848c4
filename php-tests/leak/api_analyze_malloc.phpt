--TEST--
trackerAnalyzeMalloc(): the N largest allocations of each loop, freed ones too
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    $a = str_repeat(chr($i), 20000); // A
    $b = str_repeat(chr($i), 40000); // B
    $c = str_repeat(chr($i), 30000); // C
    $d = str_repeat(chr($i), 10000); // D
}

loops(4, 'main');
ob_start();
trackerAnalyzeMalloc(3);
$text = ob_get_clean();
preg_match_all('~([^\s]+\.php):(\d+) => .*?\[(\d+)\]~', $text, $matches, PREG_SET_ORDER);
$names = [];
foreach (['A', 'B', 'C', 'D'] as $name) {
    $names[marked($name)[0]] = $name;
}
foreach ($matches as [, $file, $line, $size]) {
    echo $names[where($file, (int) $line)] ?? "$file:$line", " $size\n";
}
ob_start();
trackerAnalyzeMalloc(1);
$lines = preg_match_all('~ => ~', ob_get_clean());
echo "with 1: $lines lines\n";
foreach ([0, -1, PHP_INT_MAX] as $n) {
    ob_start();
    try {
        trackerAnalyzeMalloc($n);
    } catch (ValueError) {
        // 0 and less may be refused
    }
    $lines = preg_match_all('~ => ~', ob_get_clean());
    echo "with $n: ", $n < 1 && $lines > 0 ? $lines : 'fine', "\n";
}
--EXPECT--
B 40960
C 32768
A 20480
B 40960
C 32768
A 20480
B 40960
C 32768
A 20480
with 1: 3 lines
with 0: fine
with -1: fine
with 9223372036854775807: fine
