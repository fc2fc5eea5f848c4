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
trackerHookMalloc();
$kept = [];
for ($i = 0; $i < 100; $i++) {
    $kept[] = str_repeat(chr($i), 1000);
}
echo 'done';
PHP);
$log = ['apm.leak_log' => ini_get('apm.leak_log'), 'apm.leak_scope' => 'request'];
[$status, $out, $err] = php($script, $log);
echo "status $status, output $out, stderr ", json_encode($err), "\n";
$process = json_decode(trackerLeakReport('json'), true)['processes'][0] ?? null;
echo 'allocations booked: ', ($process['allocations'] ?? 0) > 100 ? 'yes' : json_encode($process), "\n";
--EXPECT--
status 0, output done, stderr ""
allocations booked: yes
