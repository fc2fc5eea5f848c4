<?php
// Requests per second, p99 and instructions per request of FPM and Swoole, with tracing
// and a running agent against without the extension. Rates: interleaved pairs,
// medians; they need a machine that is quiet.

$seconds = (float) (getenv('BENCH_SECONDS') ?: 5);
$pairs = (int) (getenv('BENCH_PAIRS') ?: 7);
[$socket] = Servers::agent('agent-servers');
$sets = ['without' => [], 'with' => ['-d', "extension=$extension", '-d', "apm.agent_socket=$socket"]];

/** Loads both in turn. */
$compare = function (string $name, array $ports, string $path) use ($table, $php, $seconds, $pairs): void {
    $figures = [];
    for ($pair = 0; $pair < $pairs; $pair++) {
        // The one that is first takes turns, too.
        foreach ($pair % 2 ? array_reverse($ports) : $ports as $which => $port) {
            $load = json_decode(output([$php, '-n', dirname(__DIR__) . '/lib/load.php', "127.0.0.1:$port", $path, (string) $seconds]), true);
            if ($load['failed']) {
                $table->fail("$name: {$load['failed']} requests failed");
            }
            $figures[$which]['rate'][] = $load['rate'];
            $figures[$which]['p99'][] = $load['p99_ms'];
        }
    }
    $of = fn(string $which, string $figure) => median($figures[$which][$figure]);
    $table->atLeast("$name, tracing on", 'requests/s', $of('without', 'rate'), $of('with', 'rate'), 0.97);
    $base = $of('without', 'p99');
    $table->row("$name, tracing on, p99", 'ms', $base, $of('with', 'p99'), round(1.15 + 1 / $base, 3));
};

/**
 * Instructions of one request in all threads of its process: what many requests
 * take more than few. `$start` is given the start of a command and a name.
 */
$instructions = function (string $name, string $path, callable $start) use ($table, $php, $work, $sets): void {
    [$few, $many] = [40, 240];
    $figures = [];
    foreach ($sets as $which => $options) {
        $total = [];
        foreach ([$few, $many] as $count) {
            array_map('unlink', glob("$work/callgrind.$which.*"));
            $port = $start(['valgrind', '--tool=callgrind', "--callgrind-out-file=$work/callgrind.$which.%p"], "counted-$which", $options);
            output([$php, '-n', dirname(__DIR__) . '/lib/load.php', "127.0.0.1:$port", $path, "x$count"]);
            Servers::stop("counted-$which");
            $counted = array_map(fn($file) => preg_match('/^totals: (\d+)/m', file_get_contents($file), $m) ? (int) $m[1] : 0, glob("$work/callgrind.$which.*"));
            $total[] = array_sum($counted);
        }
        $figures[$which] = intdiv($total[1] - $total[0], $many - $few);
    }
    $table->row("$name, tracing on, a request", 'instructions', $figures['without'], $figures['with'], 1.02);
};

/** Both, for what `$start` starts. */
$measure = function (string $name, string $path, callable $start) use ($compare, $instructions, $sets): void {
    $ports = [];
    foreach ($sets as $which => $options) {
        $ports[$which] = $start([], $which, $options);
    }
    $compare($name, $ports, $path);
    Servers::stop(...array_keys($ports));
    $instructions($name, $path, $start);
};

// As in production: with opcache.
$modules = array_merge(['-d', 'zend_extension=opcache'], ...array_map(
    fn($name) => Servers::modules($name) ?? [],
    ['mysqlnd', 'pdo', 'pdo_sqlite', 'pdo_mysql', 'curl', 'sockets'],
));

// The shop of the demo, on a real framework and a real database: a page of 12 queries.
$shop = dirname(__DIR__, 2) . '/demo/trace/shop.php';
$hasShop = getenv('SHOP_MYSQL') && stream_resolve_include_path('Slim/autoload.php');
$fpm = Servers::program('php-fpm' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION);
$nginx = Servers::program('nginx');
if ($fpm && $nginx) {
    $serve = fn(string $script) => fn(array $under, string $name, array $options) =>
        Servers::fpm($under, $name, $nginx, [$fpm, '-n', ...$modules, ...$options], $script);
    $measure('FPM, a page of 0.2 ms', '/product/17', $serve(script('page.php')));
    if ($hasShop) {
        $measure('FPM, the shop (Slim, MariaDB)', '/list', $serve($shop));
    } else {
        $table->without('FPM, the shop', 'no MariaDB or no Slim');
    }
} else {
    $table->without('FPM', 'no php-fpm or no nginx');
}

if ($swoole = Servers::modules('swoole')) {
    $serve = fn(string $page) => function (array $under, string $name, array $options) use ($php, $modules, $swoole, $page): int {
        $port = Servers::freePort();
        Servers::start($name, [...$under, $php, '-n', ...$modules, ...$swoole, ...$options, script('swoole_page.php'), (string) $port, $page]);
        Servers::await("tcp://127.0.0.1:$port") || fail($name, Servers::said($name));
        return $port;
    };
    $measure('Swoole, a page of 0.1 ms', '/product/17', $serve('page'));
    if (getenv('SHOP_MYSQL')) {
        $measure('Swoole, coroutines and MariaDB', '/list', $serve('list'));
    } else {
        $table->without('Swoole, coroutines and MariaDB', 'no MariaDB');
    }
} else {
    $table->without('Swoole', 'not installed');
}
Servers::stop();
