--TEST--
A7: a line that grew four times only is not in the growth list
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    $temporary = str_repeat(chr(65 + $i % 26), 4096 * (min($i, 5) + 1)); // sizes of loops 0 to 4 grow: 4 times
}

loops(20, 'main');
$text = old_report();
echo 'growth lines: ', count(read_old_report($text)['growth']), "\n";
echo 'heading: ', str_contains($text, 'Keep Growth') ? 'printed' : 'none', "\n";
--EXPECT--
growth lines: 0
heading: none
