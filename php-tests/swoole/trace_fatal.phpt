--TEST--
A request that ends its worker (exception, exit, fatal error, no memory): closed, failed, counted once; the next worker goes on
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/../trace/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/../trace/helper.inc';

foreach (['SWOOLE_PROCESS', 'SWOOLE_BASE'] as $mode) {
    $receiver = new Receiver();
    $receiver->modules = Receiver::SWOOLE;
    $out = $receiver->run(<<<PHP
        const MODE = $mode;
        PHP . "\n" . <<<'PHP'
        ini_set('display_errors', '0');
        function fails(string $how): mixed
        {
            return match ($how) {
                'throw' => throw new DomainException('planned'),
                'exit' => exit(3),
                'fatal' => trigger_error('planned', E_USER_ERROR),
                'memory' => str_repeat('x', 1 << 40),
                'ok' => 1,
            };
        }
        function serve(int $port)
        {
            $server = new Swoole\Http\Server('127.0.0.1', $port, MODE);
            $server->set(['worker_num' => MODE === SWOOLE_BASE ? 2 : 1, // A single one would be the server.
                'log_file' => '/dev/null', 'max_wait_time' => 2]);
            $server->on('request', function ($request, $response) {
                $how = substr($request->server['request_uri'], 1);
                if ($how === 'pid') {
                    $response->end((string) getmypid());
                    return;
                }
                // It ends in the middle of a statement, and a coroutine outlives it.
                $db = new PDO('sqlite::memory:');
                $db->sqliteCreateFunction('work', function () use ($how) {
                    (new PDO('sqlite::memory:'))->exec('CREATE TABLE inside (a)');
                    return fails($how);
                });
                go(fn () => Co::sleep(0.5));
                $db->query('SELECT work()');
                $response->end('ok');
            });
            $server->start();
        }
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr(strrchr(stream_socket_get_name($probe, false), ':'), 1);
        fclose($probe);
        $pid = (new Swoole\Process(fn () => serve($port)))->start();
        $ask = function (string $how) use ($port) {
            for ($until = microtime(true) + 20; microtime(true) < $until; usleep(20000)) {
                if ($stream = @stream_socket_client("tcp://127.0.0.1:$port", timeout: 5)) {
                    // A worker that dies leaves the connection open.
                    stream_set_timeout($stream, 1);
                    fwrite($stream, "GET /$how HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                    return preg_replace('~^.*\r\n\r\n~s', '', (string) stream_get_contents($stream));
                }
            }
        };
        foreach (['ok', 'throw', 'ok', 'exit', 'ok', 'fatal', 'ok', 'memory', 'ok'] as $how) {
            $answer = $ask($how);
            $answer === ($how === 'ok' ? 'ok' : '') or print("$how: $answer\n");
            for ($tries = 0; !($worker = $ask('pid')) && $tries < 10; $tries++);
            $workers[$worker] = true;
        }
        echo count($workers) > 2 ? "new workers\n" : "the same workers\n";
        // A bucket of statistics waits for a second.
        usleep(1500000);
        Swoole\Process::kill($pid, SIGTERM);
        Swoole\Process::wait();
        PHP);
    echo "$mode: $out";
    $roots = $calls = [];
    foreach ($receiver->of('segment') as $segment) {
        $spans = array_column($segment['spans'], null, 'span_id');
        foreach ($spans as $span) {
            if (preg_match('~^GET /(?!pid)(.*)~', $span['name'], $m) && !isset($spans[$span['parent_span_id']])) {
                $names = array_map(fn ($s) => "$s[name] $s[status]", array_filter($segment['spans'], fn ($s) => $s['kind'] !== 'Server' && $s['name'] !== 'connect'));
                $error = $span['attributes']['error.type'] ?? '';
                $key = "$m[1]: $span[status] $error | " . implode(', ', $names);
                $roots[$key] = ($roots[$key] ?? 0) + 1;
            }
        }
    }
    foreach ($receiver->of('stats') as $bucket) {
        foreach ($bucket['rows'] as $row) {
            if ($row['system'] === 'http' && !str_contains($row['endpoint'], 'pid')) {
                $calls[$row['endpoint']] = [($calls[$row['endpoint']][0] ?? 0) + $row['calls'], ($calls[$row['endpoint']][1] ?? 0) + $row['errors']];
            }
        }
    }
    ksort($roots);
    ksort($calls);
    foreach ($roots as $root => $count) {
        echo "  $count x $root\n";
    }
    foreach ($calls as $endpoint => [$count, $errors]) {
        echo "  $endpoint: $count calls, $errors errors\n";
    }
    $receiver->of('drops') and print("drops\n");
}
--EXPECT--
SWOOLE_PROCESS: new workers
  1 x exit: Error exit | CREATE inside Unset, SELECT Error
  1 x fatal: Error fatal | CREATE inside Unset, PDO::query Error
  1 x memory: Error fatal | CREATE inside Unset, SELECT Error
  5 x ok: Unset  | CREATE inside Unset, SELECT Unset
  1 x throw: Error DomainException | CREATE inside Unset, SELECT Error
  GET /exit: 1 calls, 1 errors
  GET /fatal: 1 calls, 1 errors
  GET /memory: 1 calls, 1 errors
  GET /ok: 5 calls, 0 errors
  GET /throw: 1 calls, 1 errors
SWOOLE_BASE: new workers
  1 x exit: Error exit | CREATE inside Unset, SELECT Error
  1 x fatal: Error fatal | CREATE inside Unset, PDO::query Error
  1 x memory: Error fatal | CREATE inside Unset, SELECT Error
  5 x ok: Unset  | CREATE inside Unset, SELECT Unset
  1 x throw: Error DomainException | CREATE inside Unset, SELECT Error
  GET /exit: 1 calls, 1 errors
  GET /fatal: 1 calls, 1 errors
  GET /memory: 1 calls, 1 errors
  GET /ok: 5 calls, 0 errors
  GET /throw: 1 calls, 1 errors
