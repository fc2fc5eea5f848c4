--TEST--
trackerAssertNoLeak(): throws for a leak, passes without one
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static array $items = [];
    public static ?string $last = null;
}

function attempt(string $name, callable $body, int ...$arguments): void
{
    try {
        trackerAssertNoLeak($body, ...$arguments); // CALL
        echo "$name: passes\n";
    } catch (SwooleTracker\LeakException $e) {
        $line = marked()[0];
        $place = $e->getFile() === __FILE__ && $e->getLine() === CALL && $e->getTrace()[0]['function'] === 'trackerAssertNoLeak';
        echo $place ? '' : "thrown at {$e->getFile()}:{$e->getLine()}: ";
        echo "$name: ", str_contains($e->getMessage(), $line) ? 'names the line' : $e->getMessage(), "\n";
    } catch (Throwable $e) {
        echo "$name: ", get_class($e), $e instanceof ValueError ? '' : ': ' . $e->getMessage(), "\n";
    }
}

define('CALL', (int) explode(':', marked('CALL')[0])[1]);

$leak = function (): void {
    Kept::$items[] = random_bytes(1000); // LEAK
};
attempt('leak', $leak);
attempt('clean', fn () => strlen(random_bytes(1000)));
attempt('replaced', function (): void {
    Kept::$last = random_bytes(1000);
});
attempt('cycle', function (): void {
    $a = new stdClass();
    $a->self = $a;
});
attempt('leak again', $leak);
attempt('leak, 20 loops', $leak, 20, 2);
attempt('too few loops to tell', $leak, 2, 0);
attempt('body throws', fn () => throw new DomainException('mine'));
attempt('clean after that', fn () => strlen(random_bytes(1000)));
attempt('no loops', $leak, 0);
attempt('negative warm-up', $leak, 10, -1);
--EXPECTF--
leak: names the line
clean: passes
replaced: passes
cycle: passes
leak again: names the line
leak, 20 loops: names the line
swoole_tracker: trackerAssertNoLeak(): 1 line is undecided after 2 loops: give it 20 loops or more, as in trackerAssertNoLeak($body, 20) (%sapi_assert_no_leak.php:%d)
too few loops to tell: passes
body throws: DomainException: mine
clean after that: passes
no loops: ValueError
negative warm-up: ValueError
