--TEST--
leak_scope=request: books from the first call to the end of the request
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
$before = random_bytes(3000); // BEFORE
trackerHookMalloc();
function work(): void
{
    trackerHookMalloc(); // no mark in this scope
    static $kept = [];
    $text = random_bytes(1000); // CALL
    $kept[] = $text;
}
for ($i = 0; $i < 100; $i++) {
    work();
}
$fiber = new Fiber(function (): void {
    $GLOBALS['fiber'] = random_bytes(5000); // FIBER
});
$fiber->start();
register_shutdown_function(function (): void {
    $GLOBALS['end'] = random_bytes(7000); // END
});
echo 'done';
PHP);
$log = ['apm.leak_log' => ini_get('apm.leak_log'), 'apm.leak_scope' => 'request'];
[$status, $out, $err] = php($script, $log);
echo "status $status, output $out, stderr ", json_encode($err), "\n";
$process = json_decode(trackerLeakReport('json'), true)['processes'][0] ?? null;
echo 'loops: ', $process['loops'] ?? 0, "\n";
$booked = [];
foreach (read_old_report(old_report())['blocks'][0]['sites'] ?? [] as $site) {
    $booked[$site['where']] = ($booked[$site['where']] ?? 0) + $site['size'];
}
foreach (['BEFORE', 'CALL', 'FIBER', 'END'] as $marker) {
    echo strtolower($marker), ': ', $booked[marked($marker, $script)[0]] ?? 0, "\n";
}
--EXPECT--
status 0, output done, stderr ""
loops: 1
before: 0
call: 128000
fiber: 8192
end: 8192
