--TEST--
trackerAssertNoLeak() calls the body warmup + loops times at most, and as often if it does not throw
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$calls = 0;
trackerAssertNoLeak(function () use (&$calls): void {
    $calls++;
}, 20, 3);
echo "$calls\n";
--EXPECT--
23
