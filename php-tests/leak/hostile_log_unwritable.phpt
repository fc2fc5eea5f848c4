--TEST--
Bad input: a log that cannot be written changes nothing for the script
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
function main(int $i): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
}
for ($i = 0; $i < 5; $i++) {
    main($i);
}
echo 'done';
PHP);

$dir = temp_file('', '.dir');
unlink($dir);
mkdir($dir);
function run_with(string $name, string $script, array $ini): void
{
    [$status, $out, $err] = php($script, $ini);
    $err = str_replace($ini['apm.leak_log'] ?: 'none', 'LOG', $err);
    echo "$name: status $status, output ", json_encode($out), ', ', rtrim($err) ?: 'no warning', "\n";
}

foreach (['no such directory' => '/nonexistent/trackerleak', 'a directory' => $dir, 'a device' => '/dev/full', 'a relative path' => 'no/such/trackerleak', 'nothing' => ''] as $name => $log) {
    run_with($name, $script, ['apm.leak_log' => $log]);
}
// Here the end of the request is the first to write anything.
run_with('one record per request', $script, ['apm.leak_log' => $dir, 'apm.leak_scope' => 'request']);
$top = temp_file('<?php trackerHookMalloc(); trackerHookMalloc(); $kept = str_repeat("x", 1000); echo "done";');
run_with('a loop that ends with the script', $top, ['apm.leak_log' => $dir]);
rmdir($dir);
--EXPECT--
no such directory: status 0, output "done", swoole_tracker: the leak log cannot be written: LOG: No such file or directory (os error 2)
a directory: status 0, output "done", swoole_tracker: the leak log cannot be written: LOG: Is a directory (os error 21)
a device: status 0, output "done", swoole_tracker: the leak log cannot be written: LOG: not a regular file
a relative path: status 0, output "done", swoole_tracker: the leak log cannot be written: LOG: No such file or directory (os error 2)
nothing: status 0, output "done", no warning
one record per request: status 0, output "done", swoole_tracker: the leak log cannot be written: LOG: Is a directory (os error 21)
a loop that ends with the script: status 0, output "done", swoole_tracker: the leak log cannot be written: LOG: Is a directory (os error 21)
