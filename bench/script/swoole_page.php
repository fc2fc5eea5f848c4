<?php
// Pages from a Swoole server of one worker. PORT page|list
require __DIR__ . '/page.php';
require __DIR__ . '/pool.php';
[, $port, $page] = $argv;

/** Twelve queries in coroutine style. */
function listPage(): string
{
    $db = pool()->pop();
    $names = [];
    foreach (range(1, 12) as $id) {
        $query = $db->prepare('SELECT name FROM products WHERE id = ?');
        $query->execute([$id]);
        $names[] = $query->fetchColumn();
    }
    pool()->push($db);
    return json_encode($names);
}

$server = new Swoole\Http\Server('127.0.0.1', (int) $port, SWOOLE_PROCESS);
$server->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_WARNING, 'hook_flags' => SWOOLE_HOOK_ALL]);
$server->on('request', fn($request, $response) => $response->end($page === 'list' ? listPage() : page()));
$server->start();
