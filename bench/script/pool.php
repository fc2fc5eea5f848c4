<?php
/** Four connections for all coroutines of a worker. */
function pool(): Swoole\Coroutine\Channel
{
    static $pool;
    if (!$pool) {
        $pool = new Swoole\Coroutine\Channel(4);
        for ($i = 0; $i < 4; $i++) {
            $pool->push(new PDO('mysql:dbname=shop;unix_socket=' . getenv('SHOP_MYSQL'), getenv('SHOP_USER')));
        }
    }
    return $pool;
}
