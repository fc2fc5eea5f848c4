--TEST--
The JIT of opcache: left alone where a SAPI frees a request's memory at its end, also next to a CLI with the same file cache
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

$script = temp_file(<<<'PHP'
<?php
trackerHookMalloc();
$length = strlen(...);
echo $length('four'), ' ', json_encode(opcache_get_status()['jit']['on']), "\n";
PHP);
$cache = "$script.cache";
mkdir($cache);
$ini = ['opcache.enable' => '1', 'opcache.enable_cli' => '1', 'opcache.file_update_protection' => '0',
    'opcache.file_cache' => $cache, 'opcache.jit' => 'tracing', 'opcache.jit_buffer_size' => '16M',
    'opcache.restrict_api' => ''];
if (!extension_loaded('Zend OPcache')) {
    $ini = ['zend_extension' => 'opcache'] + $ini;
}
[, $out, $err] = php($script, $ini);
echo 'cli: ', $out, $err;

// A free port; the server ends with `timeout`, at the latest.
$socket = stream_socket_server('tcp://127.0.0.1:0');
$address = stream_socket_get_name($socket, false);
fclose($socket);
$options = '';
foreach ($ini as $name => $value) {
    $options .= ' -d ' . escapeshellarg("$name=$value");
}
$command = 'exec timeout 20 ' . escapeshellarg(getenv('TEST_PHP_EXECUTABLE')) . ' ' . getenv('TEST_PHP_EXTRA_ARGS')
    . "$options -S $address " . escapeshellarg($script);
$server = proc_open($command, [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes);
for ($i = 0; $i < 100 && !($connection = @stream_socket_client("tcp://$address")); $i++) {
    usleep(50_000);
}
fclose($connection);
foreach (['first', 'second'] as $request) {
    echo "server, $request request: ", @file_get_contents("http://$address/") ?: "no answer\n";
}
proc_terminate($server);
proc_close($server);
foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($cache, FilesystemIterator::SKIP_DOTS), RecursiveIteratorIterator::CHILD_FIRST) as $file) {
    $file->isDir() ? rmdir($file) : unlink($file);
}
rmdir($cache);
--EXPECT--
cli: 4 false
server, first request: 4 true
server, second request: 4 true
