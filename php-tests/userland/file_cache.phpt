--TEST--
opcache's file cache never serves code that was compiled for another list
--SKIPIF--
<?php
if (!file_exists(ini_get('extension_dir') . '/opcache.so') && !extension_loaded('Zend OPcache')) echo 'skip no opcache';
?>
--FILE--
<?php
require __DIR__ . '/helper.inc';
$folder = sys_get_temp_dir() . '/userland-cache-' . getmypid();
mkdir($folder);
$script = temp_file('<?php function f() { return g(); } function g() { return 1; } echo f(), "\n";');
$cache = [
    'zend_extension' => 'opcache', 'opcache.enable' => '1', 'opcache.enable_cli' => '1', 'opcache.file_cache' => $folder,
    'opcache.file_cache_only' => '1', 'opcache.file_update_protection' => '0', 'opcache.jit' => '0',
];
if (extension_loaded('Zend OPcache')) {
    unset($cache['zend_extension']);
}
foreach (['f', 'g', '*', '', 'f'] as $functions) {
    foreach (['cold or warm', 'warm'] as $state) {
        $log = temp_file('', '.log');
        [, $out, $err] = php($script, $cache + seen_by($functions, $log));
        echo trim("$out$err"), " [$functions]: ", preg_replace('/\d+ end\n|\d+ begin (\w) \(Internal\)\n/', '$1', file_get_contents($log)), "\n";
    }
}
$compiled = iterator_to_array(new RecursiveIteratorIterator(new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS), RecursiveIteratorIterator::CHILD_FIRST));
echo count(array_filter($compiled, fn($f) => $f->isFile())), " compiled files\n";
foreach ($compiled as $file) {
    $file->isFile() ? unlink($file) : rmdir($file);
}
rmdir($folder);
?>
--EXPECT--
1 [f]: f
1 [f]: f
1 [g]: g
1 [g]: g
1 [*]: fg
1 [*]: fg
1 []: 
1 []: 
1 [f]: f
1 [f]: f
4 compiled files
