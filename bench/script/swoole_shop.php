<?php
// The demo's shop from a Swoole server of one worker, which keeps the application. PORT
require dirname(__DIR__, 2) . '/demo/trace/app.php';
require __DIR__ . '/pool.php';

use Slim\Http\{Body, Headers, Request, Response, Uri};
use Swoole\Coroutine;

/** Swoole's request as PSR-7 has it. */
function psrRequest(Swoole\Http\Request $asked): Request
{
    $query = $asked->server['query_string'] ?? '';
    $body = new Body(fopen('php://temp', 'r+'));
    $body->write((string) $asked->rawContent());
    return new Request(
        $asked->server['request_method'],
        Uri::createFromString("http://{$asked->header['host']}{$asked->server['request_uri']}" . ($query === '' ? '' : "?$query")),
        new Headers($asked->header),
        $asked->cookie ?? [],
        array_change_key_case($asked->server, CASE_UPPER),
        $body,
    );
}

function answer(Response $said, Swoole\Http\Response $to): void
{
    $to->status($said->getStatusCode(), $said->getReasonPhrase());
    foreach ($said->getHeaders() as $name => $values) {
        $to->header($name, $values);
    }
    $to->end((string) $said->getBody());
}

/** A coroutine keeps its connection until it ends. */
function connectionOfCoroutine(): PDO
{
    $context = Coroutine::getContext();
    if (!isset($context['db'])) {
        $context['db'] = pool()->pop();
        Coroutine::defer(fn() => pool()->push($context['db']));
    }
    return $context['db'];
}

$server = new Swoole\Http\Server('127.0.0.1', (int) $argv[1], SWOOLE_PROCESS);
$server->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_WARNING, 'hook_flags' => SWOOLE_HOOK_ALL]);
$server->on('workerStart', function () use (&$app) {
    $app = shopApp(connectionOfCoroutine(...));
});
$server->on('request', function ($request, $response) use (&$app) {
    answer($app->process(psrRequest($request), new Response()), $response);
});
$server->start();
