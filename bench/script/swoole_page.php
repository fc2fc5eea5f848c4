<?php
// Pages from a Swoole server of one worker. PORT page|list
require __DIR__ . '/page.php';
[, $port, $page] = $argv;

/** Twelve queries in coroutine style; four connections for all coroutines. */
function listPage(): string
{
    static $pool;
    if (!$pool) {
        $pool = new Swoole\Coroutine\Channel(4);
        for ($i = 0; $i < 4; $i++) {
            $pool->push(new PDO('mysql:dbname=shop;unix_socket=' . getenv('SHOP_MYSQL'), getenv('SHOP_USER')));
        }
    }
    $db = $pool->pop();
    $names = [];
    foreach (range(1, 12) as $id) {
        $query = $db->prepare('SELECT name FROM products WHERE id = ?');
        $query->execute([$id]);
        $names[] = $query->fetchColumn();
    }
    $pool->push($db);
    return json_encode($names);
}

$server = new Swoole\Http\Server('127.0.0.1', (int) $port, SWOOLE_PROCESS);
$server->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_WARNING, 'hook_flags' => SWOOLE_HOOK_ALL]);
$server->on('request', fn($request, $response) => $response->end($page === 'list' ? listPage() : page()));
$server->start();
