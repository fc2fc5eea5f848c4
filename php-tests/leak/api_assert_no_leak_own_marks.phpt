--TEST--
trackerAssertNoLeak() on code that calls trackerHookMalloc() itself
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static array $items = [];
}

function leaky(): void
{
    trackerHookMalloc();
    Kept::$items[] = random_bytes(1000); // LEAK
}

function clean(): void
{
    trackerHookMalloc();
    $local = random_bytes(1000);
}

function attempt(string $name, callable $body, int $warmup): void
{
    try {
        trackerAssertNoLeak($body, 40, $warmup);
        echo "$name, warm-up $warmup: passes\n";
    } catch (SwooleTracker\LeakException $e) {
        echo "$name, warm-up $warmup: ", str_contains($e->getMessage(), marked()[0]) ? 'names the line' : $e->getMessage(), "\n";
    } catch (Exception $e) {
        echo "$name, warm-up $warmup: ", get_class($e), ' ', $e->getMessage(), "\n";
    }
}

foreach ([3, 0] as $warmup) {
    attempt('leak', fn () => leaky(), $warmup);
    attempt('no leak', 'clean', $warmup);
}
foreach ([3, 0] as $warmup) {
    attempt('throws', fn () => leaky() ?? throw new DomainException('mine'), $warmup);
}
attempt('trial in a trial', fn () => trackerAssertNoLeak(fn () => leaky()), 1);
echo 'in the log: ', file_exists(ini_get('apm.leak_log')) ? filesize(ini_get('apm.leak_log')) : 0, " bytes\n";

// Afterwards calls are calls again: also where a fatal error ended the trial.
Kept::$items = [];
for ($i = 0; $i < 40; $i++) {
    leaky();
}
check_grows();
$script = temp_file(<<<'PHP'
<?php
function main(): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = random_bytes(1000);
}
main();
main();
main();
register_shutdown_function(function (): void {
    $GLOBALS['more'] = array_map(fn () => main(), range(1, 5));
});
trackerAssertNoLeak(fn () => main() ?? eval('function f() {} function f() {}'));
// valgrind: after a fatal error PHP frees nothing on the plain heap
PHP);
$log = ['apm.leak_log' => $name = ini_get('apm.leak_log') . '.fatal'];
[$status, $out] = php($script, $log + ['display_errors' => '1']);
echo "status $status, ", str_contains($out, 'Cannot redeclare f()') ? 'redeclared' : $out, ', loops: ',
    json_decode(trackerLeakReport('json', $name), true)['processes'][0]['loops'], "\n";
--EXPECT--
leak, warm-up 3: names the line
no leak, warm-up 3: passes
leak, warm-up 0: names the line
no leak, warm-up 0: passes
throws, warm-up 3: DomainException mine
throws, warm-up 0: DomainException mine
trial in a trial, warm-up 1: Exception trackerAssertNoLeak(): not measured: another trial is running
in the log: 0 bytes
loops recorded: 39
lines that grow: 1, as planted
status 255, redeclared, loops: 2
