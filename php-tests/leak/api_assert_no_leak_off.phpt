--TEST--
trackerAssertNoLeak() with the setting off: a clear exception, never a silent pass
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.enable_malloc_hook=0
--FILE--
<?php
require __DIR__ . '/helper.inc';

try {
    trackerAssertNoLeak(function (): void {
    });
    echo "passed silently\n";
} catch (Exception $e) {
    echo stripos($e->getMessage(), 'not measured') === false ? $e->getMessage() : 'not measured', "\n";
    echo str_contains($e->getMessage(), 'enable_malloc_hook') ? 'names the setting' : $e->getMessage(), "\n";
    echo $e instanceof SwooleTracker\LeakException ? 'looks like a leak' : 'is no leak', "\n";
}
--EXPECT--
not measured
names the setting
is no leak
