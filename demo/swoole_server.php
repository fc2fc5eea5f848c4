<?php
/*
 * The same shop behind Swoole's HTTP server: a worker, a coroutine per request.
 *
 *     php swoole_server.php REQUESTS
 *
 * It listens on a free port of the loopback interface, prints the address, and
 * ends after that many requests.
 */

use Demo\Request;
use Demo\Router;

require __DIR__ . '/app/shop.php';

/** Handles one request: the "main function", one loop of the report. */
function handle(Swoole\Http\Request $request, Swoole\Http\Response $response, Router $router): void
{
    trackerHookMalloc();
    $response->end($router->dispatch(new Request(
        $request->server['request_method'],
        $request->server['request_uri'],
        $request->header ?? [],
    )));
    Router::finish();
}

$requests = (int) ($argv[1] ?? 60);
$router = Demo\shop();
$server = new Swoole\Http\Server('127.0.0.1', 0, SWOOLE_BASE);
$server->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_ERROR, 'log_file' => '/dev/null']);
$server->on('workerStart', function () use ($server): void {
    echo "127.0.0.1:{$server->port}\n";
    Swoole\Timer::after(60_000, fn () => $server->shutdown()); // nobody came
});
$server->on('request', function ($request, $response) use ($server, $router, &$requests): void {
    handle($request, $response, $router);
    if (--$requests === 0) {
        $server->shutdown();
    }
});
$server->start();
