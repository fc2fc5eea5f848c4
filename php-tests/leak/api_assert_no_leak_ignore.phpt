--TEST--
trackerAssertNoLeak(): lines that leak_ignore names may grow, others may not
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.leak_ignore=vendor/*,*api_assert_no_leak_ignore.php:11
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static array $a = [];
    public static array $b = [];
}

trackerAssertNoLeak(function (): void {
    Kept::$a[] = random_bytes(1000);
});
echo "ignored: passes\n";
try {
    trackerAssertNoLeak(function (): void {
        Kept::$a[] = random_bytes(1000);
        Kept::$b[] = random_bytes(1000); // LEAK
    });
} catch (SwooleTracker\LeakException $e) {
    echo 'other line: ', str_contains($e->getMessage(), marked()[0]) ? 'named' : $e->getMessage(), "\n";
}
--EXPECT--
ignored: passes
other line: named
