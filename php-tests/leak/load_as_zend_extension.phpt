--TEST--
The extension loads as zend_extension, and both lines together do not hurt
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$path = extension_path();
$hook = 'function m($i) { trackerHookMalloc(); static $a = []; $a[] = str_repeat(chr($i), 1000); } for ($i = 0; $i < 5; $i++) m($i);
    echo extension_loaded("swoole_tracker") ? "loaded, " : "missing, ", json_decode(trackerLeakReport("json"), true)["processes"][0]["loops"], " loops";';
foreach ([['-d', "zend_extension=$path"], ['-d', "zend_extension=$path", '-d', "extension=$path"], ['-d', "extension=$path", '-d', "zend_extension=$path"]] as $lines) {
    $log = temp_file('', '.trackerleak.log');
    [$status, $out, $err] = php([...$lines, '-d', 'display_errors=stderr', '-d', 'apm.enable_malloc_hook=1', '-d', "apm.leak_log=$log", '-r', $hook], [], false);
    echo count($lines) / 2, ": status $status, $out", str_contains($err, 'rror') ? ", $err" : '', "\n";
}
--EXPECT--
1: status 0, loaded, 4 loops
2: status 0, loaded, 4 loops
2: status 0, loaded, 4 loops
