<?php
/*
 * A long-running server in plain PHP: one process, one loop, many requests.
 *
 *     php server.php REQUESTS
 *
 * It listens on a free port of the loopback interface, prints the address, and
 * ends after that many requests. The only line that the tracker asks of an
 * application is the first one of handle().
 */

use Demo\Request;
use Demo\Router;

require __DIR__ . '/app/shop.php';

/** Handles one request: the "main function", one loop of the report. */
function handle($connection, Router $router): void
{
    trackerHookMalloc();
    $head = '';
    while (!str_contains($head, "\r\n\r\n") && !feof($connection)) {
        $head .= fread($connection, 8192);
    }
    $body = $router->dispatch(Request::parse($head));
    fwrite($connection, "HTTP/1.1 200 OK\r\nContent-Length: " . strlen($body) . "\r\nConnection: close\r\n\r\n$body");
    fclose($connection);
    Router::finish();
}

$requests = (int) ($argv[1] ?? 60);
$server = stream_socket_server('tcp://127.0.0.1:0', $code, $message);
if (!$server) {
    fwrite(STDERR, "cannot listen: $message\n");
    exit(1);
}
echo stream_socket_get_name($server, false), "\n";

$router = Demo\shop();
for ($served = 0; $served < $requests; $served++) {
    $connection = stream_socket_accept($server, 30);
    if (!$connection) {
        break; // nobody came for half a minute
    }
    stream_set_timeout($connection, 5);
    handle($connection, $router);
}
