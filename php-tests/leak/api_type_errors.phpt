--TEST--
Wrong arguments: the errors are those of PHP's own functions
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

foreach ([
    fn () => trackerAnalyzeMalloc('x'),
    fn () => trackerAnalyzeMalloc(-1),
    fn () => trackerAnalyzeMalloc(1, 2),
    fn () => trackerAnalyzeLeak(1),
    fn () => trackerCleanLeak(1),
    fn () => trackerLeakReport([]),
    fn () => trackerLeakReport('text', "a\0b"),
    fn () => trackerAssertNoLeak(),
    fn () => trackerAssertNoLeak('no_function'),
    fn () => trackerAssertNoLeak(fn () => 1, 'many'),
    fn () => trackerAssertNoLeak(fn () => 1, 0),
    fn () => trackerAssertNoLeak(fn () => 1, 5, -1),
] as $call) {
    try {
        $call();
        echo "no error\n";
    } catch (Error $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
}
// Converted as PHP converts.
trackerAnalyzeMalloc('3');
trackerAssertNoLeak('time', '12', 1.0);
trackerAssertNoLeak([new ArrayObject(), 'count'], warmup: 0);
echo "done\n";
--EXPECTF--
TypeError: trackerAnalyzeMalloc(): Argument #1 ($n) must be of type int, string given
ValueError: trackerAnalyzeMalloc(): Argument #1 ($n) must be greater than or equal to 0
ArgumentCountError: trackerAnalyzeMalloc() expects at most 1 argument, 2 given
ArgumentCountError: trackerAnalyzeLeak() expects exactly 0 arguments, 1 given
ArgumentCountError: trackerCleanLeak() expects exactly 0 arguments, 1 given
TypeError: trackerLeakReport(): Argument #1 ($format) must be of type string, array given
ValueError: trackerLeakReport(): Argument #2 ($file) must not contain any null bytes
ArgumentCountError: trackerAssertNoLeak() expects at least 1 argument, 0 given
TypeError: trackerAssertNoLeak(): Argument #1 ($body) must be a valid callback, function "no_function" not found or invalid function name
TypeError: trackerAssertNoLeak(): Argument #2 ($loops) must be of type int, string given
ValueError: trackerAssertNoLeak(): Argument #2 ($loops) must be greater than 0
ValueError: trackerAssertNoLeak(): Argument #3 ($warmup) must be greater than or equal to 0
swoole_tracker: the leak log holds no record: %strackerleak.%d.log does not exist. Run %a
done
