--TEST--
Functions that wait and are traced, with both the leak finder and tracing on: one span a call, whoever hooks what
--INI--
apm.enable=0
--SKIPIF--
<?php $needs = ['curl']; require __DIR__ . '/../trace/skip.inc'; if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--FILE--
<?php
require __DIR__ . '/../trace/helper.inc';
$web = stream_socket_server('tcp://127.0.0.1:0');
$address = stream_socket_get_name($web, false);
// Answers, and ends with this script.
$server = proc_open([PHP_BINARY, '-n', '-r', '
    $web = fopen("php://fd/3", "r+");
    while ($client = @stream_socket_accept($web, 60)) {
        while (trim((string) fgets($client)) !== "");
        fwrite($client, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok");
        fclose($client);
    }'], [3 => $web, 0 => ['file', '/dev/null', 'r']], $pipes);
$script = <<<'PHP'
    function work() { trackerHookMalloc(); return strlen(str_repeat('x', 100)); }
    function calls($address)
    {
        $curl = curl_init("http://$address/curl");
        curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
        return curl_exec($curl) . file_get_contents("http://$address/file") . trim(shell_exec('echo ok'));
    }
    $where = getenv('WHERE');
    [$flags, $order] = [['none' => 0, 'all' => SWOOLE_HOOK_ALL][$where] ?? 0, getenv('ORDER')];
    if ($order === 'leak first') { work(); work(); }
    Swoole\Runtime::enableCoroutine($flags);
    Swoole\Coroutine\run(function () use ($order) {
        if ($order === 'hooks first') { work(); work(); }
        for ($i = 0; $i < 3; $i++) {
            Swoole\Coroutine\go(function () {
                work();
                echo calls(getenv('ADDRESS')), ' ';
            });
        }
    });
    // What Swoole had displaced it puts back.
    Swoole\Runtime::enableCoroutine(0);
    work();
    echo calls(getenv('ADDRESS')), "\n";
    PHP;
putenv("ADDRESS=$address");
foreach (['none', 'all'] as $where) {
    foreach (['leak first', 'hooks first', 'no leak finder'] as $order) {
        putenv("WHERE=$where");
        putenv("ORDER=$order");
        $receiver = new Receiver();
        $receiver->modules = Receiver::SWOOLE;
        $log = tempnam(sys_get_temp_dir(), 'leak');
        $settings = ['apm.enable_malloc_hook' => (int) ($order !== 'no leak finder'), 'apm.leak_log' => $log];
        echo "$where, $order: ", $receiver->run($script, [], $settings);
        $paths = array_count_values(array_map(fn ($span) => $span['attributes']['url.full'] ?? $span['name'], array_filter($receiver->spans(), fn ($span) => $span['kind'] === 'Client')));
        foreach ($paths as $path => $count) {
            echo '  ', preg_replace('#http://[^/]*#', '', $path), " $count\n";
        }
        unlink($log);
    }
}
proc_terminate($server);
--EXPECT--
none, leak first: okokok okokok okokok okokok
  /curl 4
  /file 4
  shell_exec 4
none, hooks first: okokok okokok okokok okokok
  /curl 4
  /file 4
  shell_exec 4
none, no leak finder: okokok okokok okokok okokok
  /curl 4
  /file 4
  shell_exec 4
all, leak first: okokok okokok okokok okokok
  /curl 4
  /file 4
  shell_exec 4
all, hooks first: okokok okokok okokok okokok
  /curl 4
  /file 4
  shell_exec 4
all, no leak finder: okokok okokok okokok okokok
  /curl 4
  /file 4
  shell_exec 4
