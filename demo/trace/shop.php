<?php
// The shop under FPM: each request has an application and a connection of its own.
require __DIR__ . '/app.php';

shopApp(function (): ?PDO {
    static $db;
    if (getenv('SHOP_MYSQL') && extension_loaded('pdo_mysql')) {
        $db ??= new PDO('mysql:dbname=shop;unix_socket=' . getenv('SHOP_MYSQL'), getenv('SHOP_USER'));
    }
    return $db;
})->run();
