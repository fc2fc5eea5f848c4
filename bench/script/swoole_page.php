<?php
// The page from a Swoole server of one worker. PORT
require __DIR__ . '/page.php';

$server = new Swoole\Http\Server('127.0.0.1', (int) $argv[1], SWOOLE_PROCESS);
$server->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_WARNING]);
$server->on('request', fn($request, $response) => $response->end(page()));
$server->start();
