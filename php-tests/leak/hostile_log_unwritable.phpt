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
foreach (['no such directory' => '/nonexistent/trackerleak', 'a directory' => $dir, 'a device' => '/dev/full', 'a relative path' => 'no/such/trackerleak', 'nothing' => ''] as $name => $log) {
    [$status, $out, $err] = php($script, ['apm.leak_log' => $log]);
    echo "$name: status $status, output ", json_encode($out), ', ', substr_count($err, "\n") > 1 ? "stderr: $err" : 'at most one warning', "\n";
}
rmdir($dir);
--EXPECT--
no such directory: status 0, output "done", at most one warning
a directory: status 0, output "done", at most one warning
a device: status 0, output "done", at most one warning
a relative path: status 0, output "done", at most one warning
nothing: status 0, output "done", at most one warning
