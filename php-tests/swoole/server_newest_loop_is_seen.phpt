--TEST--
An idle Swoole server: another process sees the loop of the newest request
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

/** One request; the body of the answer. */
function request(int $port, string $path): string
{
    $socket = stream_socket_client("tcp://127.0.0.1:$port", $code, $text, 5);
    stream_set_timeout($socket, 5);
    fwrite($socket, "GET $path HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    return explode("\r\n\r\n", stream_get_contents($socket), 2)[1] ?? '';
}

/** Three requests, then the report from another process while the worker is idle. */
function ask(string $mode, int $coroutines, string $path): string
{
    $log = tempnam(sys_get_temp_dir(), 'trk') . '.log';
    $file = "$log.port";
    $options = getenv('TEST_PHP_EXTRA_ARGS') . " -d apm.leak_log=$log";
    $command = 'exec timeout 40 ' . getenv('TEST_PHP_EXECUTABLE') . " $options " . __DIR__ . "/server.inc $file $mode $coroutines";
    $server = proc_open($command, [['file', '/dev/null', 'r'], STDOUT, STDERR], $pipes);
    for ($tries = 0; $tries < 500 && !is_file($file); $tries++) {
        usleep(10_000);
        clearstatcache();
    }
    $port = (int) file_get_contents($file);
    $answers = request($port, $path) . request($port, $path) . request($port, $path);
    $seen = '';
    for ($tries = 0; $tries < 50 && $seen !== 'Loop 0 Loop 1'; $tries++) {
        usleep(20_000);
        [, $out] = php(['-r', 'trackerAnalyzeLeak();'], ['apm.leak_log' => $log]);
        preg_match_all('/(Loop \d+)\)\].*TotalLeak/', $out, $found);
        $seen = implode(' ', $found[1]);
    }
    proc_terminate($server);
    for ($tries = 0; $tries < 500 && ($status = proc_get_status($server))['running']; $tries++) {
        usleep(10_000);
    }
    proc_close($server);
    array_map('unlink', glob("$log*"));
    return "$seen, " . ($answers === 'donedonedone' ? 'answered' : $answers) . ($status['running'] ? ', does not stop' : '');
}

foreach (['process', 'base'] as $mode) {
    echo "$mode: ", ask($mode, 0, '/'), "\n";
    echo "$mode, coroutines: ", ask($mode, 1, '/'), "\n";
    echo "$mode, coroutines that go on: ", ask($mode, 1, '/later'), "\n";
}
--EXPECT--
process: Loop 0 Loop 1, answered
process, coroutines: Loop 0 Loop 1, answered
process, coroutines that go on: Loop 0 Loop 1, answered
base: Loop 0 Loop 1, answered
base, coroutines: Loop 0 Loop 1, answered
base, coroutines that go on: Loop 0 Loop 1, answered
