<?php
/*
 * A small shop on Slim 3, MariaDB and Redis, which asks a second service for its
 * stock. Nothing in it knows of the tracker. Where a part is not there (SHOP_…
 * not set), its routes do without.
 */

use Psr\Http\Message\ResponseInterface as Response;
use Psr\Http\Message\ServerRequestInterface as Request;

// Slim 3 is older than PHP 8.
error_reporting(E_ALL & ~E_DEPRECATED);
require 'Slim/autoload.php';

final class Shop
{
    /** @param Closure(): ?PDO $connection the one that a request uses */
    public function __construct(private Closure $connection)
    {
    }

    public function db(): ?PDO
    {
        return ($this->connection)();
    }

    public function product(int $id): array
    {
        $cache = $this->cache();
        $cached = $cache?->get("product:$id");
        if ($cached) {
            return json_decode($cached, true);
        }
        $product = ['id' => $id, 'name' => "Product $id"];
        if ($db = $this->db()) {
            $query = $db->prepare('SELECT id, name, price FROM products WHERE id = ?');
            $query->execute([$id]);
            $product = $query->fetch(PDO::FETCH_ASSOC) ?: throw new DomainException("there is no product $id");
            $reviews = $db->query("SELECT author, stars FROM reviews WHERE product_id = $id AND stars > 2");
            $product['reviews'] = $reviews->fetchAll(PDO::FETCH_ASSOC);
        }
        $cache?->setex("product:$id", 60, json_encode($product));
        return $product;
    }

    /** What the second service says. */
    public function stock(int $id): string
    {
        if (!extension_loaded('curl')) {
            return '';
        }
        $curl = curl_init('http://' . getenv('SHOP_STOCK') . "/stock/$id");
        curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 5]);
        return (string) curl_exec($curl);
    }

    private function cache(): ?Redis
    {
        if (!getenv('SHOP_REDIS') || !extension_loaded('redis')) {
            return null;
        }
        $redis = new Redis();
        $redis->connect(getenv('SHOP_REDIS'));
        return $redis;
    }
}

/** @param Closure(): ?PDO $connection the one that a request uses */
function shopApp(Closure $connection): Slim\App
{
    $shop = new Shop($connection);
    $app = new Slim\App();

    $app->get('/product/{id}', function (Request $request, Response $response, array $args) use ($shop) {
        $id = (int) $args['id'];
        return $response->withJson($shop->product($id) + ['stock' => $shop->stock($id)]);
    });

    // One query for each product: what a trace shows at once.
    $app->get('/list', function (Request $request, Response $response) use ($shop) {
        $names = [];
        foreach (range(1, 12) as $id) {
            if ($query = $shop->db()?->prepare('SELECT name FROM products WHERE id = ?')) {
                $query->execute([$id]);
                $names[] = $query->fetchColumn();
            }
        }
        return $response->withJson($names);
    });

    $app->get('/report', function (Request $request, Response $response) use ($shop) {
        $shop->db()?->query('SELECT SLEEP(0.3), COUNT(*) FROM products')->fetchAll() ?? usleep(300_000);
        usleep(20_000);
        return $response->withJson(['done' => true]);
    });

    $app->get('/broken', function () {
        throw new RuntimeException('the payment gateway said no');
    });

    $app->get('/stock/{id}', function (Request $request, Response $response, array $args) use ($shop) {
        $rows = $shop->db()?->query('SELECT pieces FROM stock WHERE product_id = ' . (int) $args['id']);
        usleep(2_000);
        return $response->withJson(['pieces' => $rows ? $rows->fetchColumn() : 3]);
    });

    return $app;
}
