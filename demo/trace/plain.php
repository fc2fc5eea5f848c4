<?php
/*
 * The same shop where Slim is not installed: one script, for `php -S` as well.
 */
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$id = (int) basename($path);
header('Content-Type: application/json');
switch (strtok($path, '/')) {
    case 'product':
        $stock = '';
        if (extension_loaded('curl')) {
            $curl = curl_init('http://' . getenv('SHOP_STOCK') . "/stock/$id");
            curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 5]);
            $stock = curl_exec($curl);
        }
        if (extension_loaded('pdo_sqlite')) {
            $db = new PDO('sqlite::memory:');
            $db->exec('CREATE TABLE products (id INT, name TEXT)');
            $query = $db->prepare('SELECT name FROM products WHERE id = ?');
            $query->execute([$id]);
        }
        echo json_encode(['id' => $id, 'stock' => $stock]);
        break;
    case 'report':
        usleep(320_000);
        echo '{}';
        break;
    case 'broken':
        throw new RuntimeException('the payment gateway said no');
    default:
        usleep(2_000);
        echo '{"pieces":3}';
}
