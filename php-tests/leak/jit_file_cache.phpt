--TEST--
The JIT of opcache: with a file cache, processes with and without the leak finder do not share scripts
--SKIPIF--
<?php
if (!extension_loaded('Zend OPcache') && !file_exists(ini_get('extension_dir') . '/opcache.so')) die('skip no opcache');
?>
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

// One instruction has a handler of ours where the leak finder is on: a script
// that was compiled for it must not come to a process without that handler.
$script = temp_file(<<<'PHP'
<?php
$length = strlen(...);
echo $length('four'), "\n";
PHP);
$cache = "$script.cache";
mkdir($cache);
$base = ['opcache.enable_cli' => '1', 'opcache.file_update_protection' => '0', 'opcache.file_cache' => $cache,
    'opcache.jit' => 'tracing', 'opcache.jit_buffer_size' => '16M'];
if (!extension_loaded('Zend OPcache')) {
    $base = ['zend_extension' => 'opcache'] + $base;
}
foreach (['1', '0', '1', '0'] as $hook) {
    // Without the JIT, which caches no scripts in files.
    $ini = ['apm.enable_malloc_hook' => $hook] + ($hook ? [] : ['opcache.jit' => 'off']) + $base;
    [$status, $out, $err] = php($script, $ini);
    echo "hook $hook: ", $status === 0 ? $out : "status $status, $out$err\n";
}
$files = iterator_to_array(new RecursiveIteratorIterator(new RecursiveDirectoryIterator($cache, FilesystemIterator::SKIP_DOTS), RecursiveIteratorIterator::CHILD_FIRST));
echo 'cached: ', count(array_filter($files, fn (SplFileInfo $file) => str_starts_with($file->getFilename(), basename($script)))), "\n";
foreach ($files as $file) {
    $file->isDir() ? rmdir($file) : unlink($file);
}
rmdir($cache);
--EXPECT--
hook 1: 4
hook 0: 4
hook 1: 4
hook 0: 4
cached: 2
