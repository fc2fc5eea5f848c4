--TEST--
A message of a loop that ends its process (exception, exit, fatal error): failed, counted once, with its calls
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/../trace/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/../trace/helper.inc';
const SCRIPT = <<<'PHP'
    ini_set('display_errors', '0');
    function fail(string $how)
    {
        (new PDO('sqlite::memory:'))->exec("CREATE TABLE it_$how (a)");
        match ($how) {
            'throw' => throw new DomainException('planned'),
            'exit' => exit(3),
            'fatal' => trigger_error('planned', E_USER_ERROR),
            'ok' => 1,
        };
    }
    Co\run(function () {
        if (PROTOCOL === 'tcp') {
            $server = new Swoole\Coroutine\Server('127.0.0.1', 0);
            $server->handle(function ($connection) {
                while ($packet = $connection->recv()) {
                    fail($packet);
                    $connection->send('done');
                }
            });
        } else {
            $server = new Swoole\Coroutine\Http\Server('127.0.0.1', 0);
            $server->handle('/', function ($request, $response) {
                $response->upgrade();
                $loop = function () use ($response) {
                    while ($frame = $response->recv()) {
                        fail($frame->data);
                        $response->push('done');
                    }
                };
                PROTOCOL === 'websocket' ? $loop() : go($loop);
            });
        }
        go(fn () => $server->start());
        if (PROTOCOL === 'tcp') {
            $client = new Swoole\Coroutine\Client(SWOOLE_SOCK_TCP);
            $client->connect('127.0.0.1', $server->port);
            $send = $client->send(...);
        } else {
            $client = new Swoole\Coroutine\Http\Client('127.0.0.1', $server->port);
            $client->upgrade('/');
            $send = $client->push(...);
        }
        $send('ok');
        $client->recv(5);
        $send(HOW);
        Co::sleep(0.5);
        posix_kill(getmypid(), SIGKILL); // It should be gone.
    });
    PHP;
foreach (['websocket', 'websocket in a coroutine', 'tcp'] as $protocol) {
    foreach (['throw', 'exit', 'fatal'] as $how) {
        $receiver = new Receiver();
        $receiver->modules = Receiver::SWOOLE;
        $receiver->run("const PROTOCOL = '$protocol', HOW = '$how';\n" . SCRIPT);
        echo "$protocol, $how:";
        foreach ($receiver->of('segment') as $segment) {
            $root = end($segment['spans']);
            if (in_array($root['name'], ['websocket', 'receive'])) {
                $error = $root['attributes']['error.type'] ?? '';
                $names = implode(', ', array_diff(array_column($segment['spans'], 'name'), ['connect', $root['name']]));
                echo " $root[status] $error ($names)";
            }
        }
        $calls = [];
        foreach ($receiver->of('stats') as $bucket) {
            foreach ($bucket['rows'] as $row) {
                if ($row['system'] === 'swoole') {
                    $calls[$row['endpoint']] = [($calls[$row['endpoint']][0] ?? 0) + $row['calls'], ($calls[$row['endpoint']][1] ?? 0) + $row['errors']];
                }
            }
        }
        foreach ($calls as $endpoint => [$count, $errors]) {
            echo "; $endpoint: $count calls, $errors errors";
        }
        echo "\n";
    }
}
--EXPECT--
websocket, throw: Unset  (CREATE it_ok) Error DomainException (CREATE it_throw); websocket: 2 calls, 1 errors
websocket, exit: Unset  (CREATE it_ok) Error exit (CREATE it_exit); websocket: 2 calls, 1 errors
websocket, fatal: Unset  (CREATE it_ok) Error fatal (CREATE it_fatal); websocket: 2 calls, 1 errors
websocket in a coroutine, throw: Unset  (CREATE it_ok) Error DomainException (CREATE it_throw); websocket: 2 calls, 1 errors
websocket in a coroutine, exit: Unset  (CREATE it_ok) Error Swoole\ExitException (CREATE it_exit); websocket: 2 calls, 1 errors
websocket in a coroutine, fatal: Unset  (CREATE it_ok) Error fatal (CREATE it_fatal); websocket: 2 calls, 1 errors
tcp, throw: Unset  (CREATE it_ok) Error DomainException (CREATE it_throw); receive: 2 calls, 1 errors
tcp, exit: Unset  (CREATE it_ok) Error Swoole\ExitException (CREATE it_exit); receive: 2 calls, 1 errors
tcp, fatal: Unset  (CREATE it_ok) Error fatal (CREATE it_fatal); receive: 2 calls, 1 errors
