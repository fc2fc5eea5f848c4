--TEST--
The JIT of opcache: paused where the leak finder is on, kept by leak_jit=1, untouched by the setting off
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

// The allocation of the string is on a line that compiled code does not tell.
$preloaded = temp_file(<<<'PHP'
<?php
class Work
{
    public static array $kept = [];

    public static function main(int $i): void
    {
        trackerHookMalloc();
        $n = $i;
        $n++;
        self::$kept[] = [
            $n . str_repeat('x', 99), // kept
            $n,
        ];
    }
}
PHP);
$script = temp_file(<<<'PHP'
<?php
$free = opcache_get_status()['jit']['buffer_free'];
for ($i = 0; $i < 20; $i++) {
    Work::main($i);
}
$set = ini_set('opcache.jit', 'tracing');
for (; $i < 40; $i++) {
    Work::main($i);
}
$jit = opcache_get_status()['jit'];
$process = json_decode(trackerLeakReport('json'), true)['processes'][0] ?? null;
echo json_encode([
    'opcache.jit' => ini_get('opcache.jit'),
    'ini_set' => $set,
    'on' => $jit['on'],
    'compiled' => $jit['buffer_free'] < $free,
    'loops' => $process['loops'] ?? null,
]), "\n";
PHP);

$base = ['opcache.enable_cli' => '1', 'opcache.file_update_protection' => '0',
    'opcache.jit' => 'tracing', 'opcache.jit_buffer_size' => '16M'];
foreach (['loop', 'func', 'return', 'side_exit'] as $counter) {
    $base["opcache.jit_hot_$counter"] = '1';
}
if (!extension_loaded('Zend OPcache')) {
    $base = ['zend_extension' => 'opcache'] + $base;
}
$preload = ['opcache.preload' => $preloaded];
if (fileowner($preloaded) === 0) {
    $preload['opcache.preload_user'] = 'root';
}
$cases = [
    'paused' => ['auto_prepend_file' => $preloaded],
    'paused, preloaded' => $preload,
    'paused, compiling on load' => ['auto_prepend_file' => $preloaded, 'opcache.jit' => 'function'],
    'was off' => ['auto_prepend_file' => $preloaded, 'opcache.jit' => 'off'],
    'kept' => ['auto_prepend_file' => $preloaded, 'apm.leak_jit' => '1'],
    'finder off' => ['auto_prepend_file' => $preloaded, 'apm.enable_malloc_hook' => '0'],
];
foreach ($cases as $name => $ini) {
    [$status, $out, $err] = php($script, $ini + $base);
    echo "$name: ", $status === 0 && $err === '' ? $out : "status $status, $out$err\n";
    [, $out] = php(['--ri', 'swoole_tracker'], $ini + $base);
    echo '  ', preg_match('~^JIT of opcache => (.*)$~m', $out, $m) ? $m[1] : $out, "\n";
}
--EXPECT--
paused: {"opcache.jit":"off","ini_set":false,"on":false,"compiled":false,"loops":39}
  paused for exact lines (leak_jit=1 keeps it)
paused, preloaded: {"opcache.jit":"off","ini_set":false,"on":false,"compiled":false,"loops":39}
  paused for exact lines (leak_jit=1 keeps it)
paused, compiling on load: {"opcache.jit":"off","ini_set":false,"on":false,"compiled":false,"loops":39}
  paused for exact lines (leak_jit=1 keeps it)
was off: {"opcache.jit":"off","ini_set":false,"on":false,"compiled":false,"loops":39}
  paused for exact lines (leak_jit=1 keeps it)
kept: {"opcache.jit":"tracing","ini_set":"tracing","on":true,"compiled":true,"loops":39}
  not paused; lines in what it compiles are up to one statement off
finder off: {"opcache.jit":"tracing","ini_set":"tracing","on":true,"compiled":true,"loops":null}
  left alone
