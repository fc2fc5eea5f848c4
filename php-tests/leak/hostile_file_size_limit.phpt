--TEST--
A limit of the file size (ulimit -f): the log is rotated before, the process lives
--SKIPIF--
<?php if (!is_executable('/bin/sh')) die('skip needs a shell');
--FILE--
<?php
require __DIR__ . '/helper.inc';
$script = tempnam(sys_get_temp_dir(), 'fsize');
file_put_contents($script, '<?php
function main() { trackerHookMalloc(); $GLOBALS["kept"][] = str_repeat("x", 100); }
for ($i = 0; $i < 400; $i++) main();
echo "done\n";');
$log = "$script.log";
[$status, $out, $err] = php([$script], ['apm.enable_malloc_hook' => 1, 'apm.leak_log' => $log], first: 'ulimit -f 8;'); // 4 KiB
echo $out, $err, 'status ', $status, "\n";
foreach ([$log, "$log.1"] as $file) {
    echo basename($file) === basename($log) ? 'log' : 'rotated', ': ', filesize($file) <= 4096 ? 'within' : 'beyond', " the limit\n";
    unlink($file);
}
unlink($script);
--EXPECT--
done
status 0
log: within the limit
rotated: within the limit
