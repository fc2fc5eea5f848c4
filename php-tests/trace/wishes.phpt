--TEST--
Sampling: the operator's word replaces the setting; a ceiling lowers it and never raises it
--SKIPIF--
<?php require __DIR__ . '/skip.inc'; function_exists('proc_open') or die('skip no proc_open');
--FILE--
<?php
require __DIR__ . '/helper.inc';

/** Sampling in force in the second request of a server, whose setting is $own percent. */
function sampling(int $own, string ...$options): string
{
    $probe = stream_socket_server('tcp://127.0.0.1:0');
    $port = (int) substr(strrchr(stream_socket_get_name($probe, false), ':'), 1);
    fclose($probe);
    $receiver = new Receiver(...$options);
    $page = sys_get_temp_dir() . '/sampled.' . getmypid() . '.php';
    file_put_contents($page, '<?php http_response_code(500);');
    $server = proc_open([PHP_BINARY, '-n', '-d', 'extension=' . getenv('EXT'), '-d', "apm.agent_socket=$receiver->socket",
        '-d', "apm.sampling_rate=$own", '-S', "127.0.0.1:$port", $page],
        [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', '/dev/null', 'w']], $pipes);
    for ($until = microtime(true) + 5; !($up = @fsockopen('127.0.0.1', $port)) && microtime(true) < $until;) {
        usleep(20000);
    }
    fclose($up);
    foreach ([1, 2] as $request) {
        @file_get_contents("http://127.0.0.1:$port/");
        usleep(1500000); // a batch, and its answer
    }
    proc_terminate($server);
    proc_close($server);
    unlink($page);
    return implode(' ', array_column($receiver->of('segment'), 'sampling'));
}

echo sampling(50), "\n";
echo sampling(50, '--sampling', '8000'), "\n";
echo sampling(50, '--ceiling', '8000'), "\n";
echo sampling(50, '--ceiling', '2000'), "\n";
--EXPECT--
5000 5000
5000 8000
5000 5000
5000 2000
