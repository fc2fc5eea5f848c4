--TEST--
Case 18: a sliding window of 10 slots is no leak
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Window
{
    public array $slots = [];
}

$window = new Window();
loops(60, function (int $i) use ($window): void {
    trackerHookMalloc();
    $window->slots[] = str_repeat(chr($i), 2000); // WINDOW
    if (count($window->slots) > 10) {
        array_shift($window->slots);
    }
});
check_silent();
check_verdict('flat', 'WINDOW');
check_clean_loops(12, withLines: true);
--EXPECT--
loops recorded: 59
lines that grow: 0, as planted
WINDOW: flat
old report: 59 loops, clean from loop 12 on
