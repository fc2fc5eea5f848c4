--TEST--
PHP code that runs while the headers of the trace are set: what it sets on another handle is noted
--SKIPIF--
<?php $needs = ['curl']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$router = sys_get_temp_dir() . '/router.' . getmypid() . '.php';
file_put_contents($router, '<?php echo $_SERVER["HTTP_X_MINE"] ?? "none", "\n";');
$probe = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) substr(strrchr(stream_socket_get_name($probe, false), ':'), 1);
fclose($probe);
$server = proc_open([PHP_BINARY, '-n', '-S', "127.0.0.1:$port", $router],
    [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', '/dev/null', 'w']], $pipes);
for ($until = microtime(true) + 5; !($up = @fsockopen('127.0.0.1', $port)) && microtime(true) < $until;) {
    usleep(20000);
}
fclose($up);

// The loop of main() is over: its garbage, and that of the call before, is collected at the next check point of
// the VM, which is the end of the curl_setopt() that sets the headers.
$receiver = new Receiver();
$log = sys_get_temp_dir() . '/trackerleak.' . getmypid() . '.interrupted.log';
echo $receiver->run("const PORT = $port;" . <<<'PHP'
    class Garbage
    {
        public $self;

        public function __destruct()
        {
            echo 'destructor in ', array_column(debug_backtrace(), 'function')[1] ?? 'none', "\n";
            curl_setopt($GLOBALS['other'], CURLOPT_HTTPHEADER, ['X-Mine: kept']);
        }
    }
    function main(): void
    {
        trackerHookMalloc();
        $garbage = new Garbage();
        $garbage->self = $garbage;
    }
    $one = curl_init('http://127.0.0.1:' . PORT . '/');
    $other = curl_init('http://127.0.0.1:' . PORT . '/');
    $multi = curl_multi_init();
    main();
    main();
    curl_multi_add_handle($multi, $one);
    do {
        curl_multi_exec($multi, $running);
        curl_multi_select($multi, 0.1);
    } while ($running);
    curl_exec($other);
    curl_exec($other);
    PHP, settings: ['apm.enable_malloc_hook' => 1, 'apm.leak_log' => $log]);
array_map('unlink', glob("$log*"));
proc_terminate($server);
proc_close($server);
unlink($router);
--EXPECT--
destructor in curl_multi_add_handle
destructor in curl_multi_add_handle
none
kept
kept
