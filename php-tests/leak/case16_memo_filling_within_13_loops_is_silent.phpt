--TEST--
Case 16: a memo that fills within 13 loops is no leak
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Memo
{
    private static array $known = [];

    public static function get(int $key): string
    {
        return self::$known[$key] ??= str_repeat(chr($key), 700); // MEMO
    }
}

loops(40, function (int $i): void {
    trackerHookMalloc();
    Memo::get($i % 13);
});
check_silent();
check_verdict('flat', 'MEMO');
check_clean_loops(13);
--EXPECT--
loops recorded: 39
lines that grow: 0, as planted
MEMO: flat
old report: 39 loops, clean from loop 13 on
