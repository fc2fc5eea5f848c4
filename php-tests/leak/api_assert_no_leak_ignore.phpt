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
    echo strstr($e->getMessage(), 'leak_ignore:'), "\n";
}
trackerAssertNoLeak(function (): void {
    Kept::$b[] = random_bytes(1000);
}, 5);
--EXPECTF--
ignored: passes
other line: named
leak_ignore: these patterns fit no line that kept memory: vendor/*, *api_assert_no_leak_ignore.php:11
swoole_tracker: trackerAssertNoLeak(): %d line%S undecided after 5 loops: give it 20 loops or more, as in trackerAssertNoLeak($body, 20) (%sapi_assert_no_leak_ignore.php:%d%S)
swoole_tracker: leak_ignore: these patterns fit no line that kept memory: vendor/*, *api_assert_no_leak_ignore.php:11
