--TEST--
What the engine closes after the request calls PHP code: no hook is left on its heap
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$scripts['a stream'] = <<<'PHP'
class Wrapper
{
    public $context;

    public function stream_open(): bool
    {
        return true;
    }

    public function stream_close(): void
    {
        trackerHookMalloc();
        $kept = str_repeat('x', 100);
    }
}
stream_wrapper_register('late', 'Wrapper');
$stream = fopen('late://x', 'w');
PHP;
$scripts['a trial'] = str_replace('trackerHookMalloc();', 'try { trackerAssertNoLeak(fn () => strrev("x")); } catch (Throwable) { }', $scripts['a stream']);
// The end's destructors are no loops either: the leak is as old as the loops are many.
$scripts['destructors'] = <<<'PHP'
final class Late
{
    public function __destruct()
    {
        work(false);
    }
}
function work(bool $keeps): void
{
    static $kept = [];
    trackerHookMalloc();
    if ($keeps) {
        $kept[] = str_repeat('x', 160);
    }
}
for ($i = 0; $i < 60; $i++) {
    work(true);
}
for ($i = 0; $i < 60; $i++) {
    $GLOBALS["late$i"] = new Late();
}
PHP;
foreach ($scripts as $name => $script) {
    $log = ini_get('apm.leak_log') . '.late';
    [$status, $out] = php(temp_file("<?php\n$script\necho \"done\\n\";"), ['apm.leak_log' => $log]);
    $process = is_file($log) ? json_decode(trackerLeakReport('json', $log), true)['processes'][0] : [];
    $verdicts = array_unique(array_column($process['sites'] ?? [], 'verdict'));
    echo "$name: status $status, ", trim($out), ', loops: ', $process['loops'] ?? 0, ', ', implode(' ', $verdicts), "\n";
    @unlink($log);
}
--EXPECT--
a stream: status 0, done, loops: 0, 
a trial: status 0, done, loops: 0, 
destructors: status 0, done, loops: 59, grows
