--TEST--
trackerLeakReport(): a file outside of open_basedir is not read; a name that is no UTF-8 is a name
--INI--
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$log = temp_file('', '.log');
unlink($log);
$leaks = temp_file('<?php function main() { trackerHookMalloc(); static $k = []; $k[] = str_repeat("x", 99); }
    for ($i = 0; $i < 5; $i++) main();');
php([$leaks], ['apm.leak_log' => $log, 'apm.enable_malloc_hook' => 1]);
$read = temp_file('<?php
    set_error_handler(fn ($n, $text) => print(preg_replace("~\(/.*?\)~", "(...)", $text) . "\n"));
    echo trackerLeakReport("text", rawurldecode($argv[1])) === "" ? "nothing" : "a report", "\n";');
mkdir("$log.d");
$odd = "$log.d/\xff";
copy($log, $odd);
foreach ([[$log, ''], [$log, "$log.d"], [$odd, "$log.d"]] as [$file, $allowed]) {
    [$status, $out] = php([$read, rawurlencode($file)], ['open_basedir' => $allowed === '' ? '' : "$allowed/:" . dirname($read) . '/' . basename($read)]);
    echo "$status: $out";
}
unlink($log);
unlink($odd);
rmdir("$log.d");
?>
--EXPECT--
0: a report
0: trackerLeakReport(): open_basedir restriction in effect. File(...) is not within the allowed path(s): (...)
nothing
0: a report
