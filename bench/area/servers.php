<?php
// Requests per second, p99 and instructions per request of FPM and Swoole, with tracing
// and a running agent against without the extension. Rates: interleaved pairs,
// medians; they need a machine that is quiet.

$seconds = (float) (getenv('BENCH_SECONDS') ?: 5);
$pairs = (int) (getenv('BENCH_PAIRS') ?: 7);
[$socket] = Servers::agent('agent-servers');
$sets = ['without' => [], 'with' => ['-d', "extension=$extension", '-d', "apm.agent_socket=$socket"]];

/** What load.php says. */
$ask = fn(int $port, string $path, string $limit): array =>
    json_decode(output([$php, '-n', dirname(__DIR__) . '/lib/load.php', "127.0.0.1:$port", $path, $limit]), true);

/** Loads both in turn, each time for so many seconds. */
$compare = function (string $name, array $ports, string $path, float $seconds) use ($table, $ask, $pairs): void {
    $figures = [];
    foreach ($ports as $port) {
        // Its files are compiled, and its tables read.
        $ask($port, $path, 'x4');
    }
    for ($pair = 0; $pair < $pairs; $pair++) {
        // The one that is first takes turns, too.
        foreach ($pair % 2 ? array_reverse($ports) : $ports as $which => $port) {
            $load = $ask($port, $path, (string) $seconds);
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
$instructions = function (string $name, string $path, callable $start, int $few, int $many) use ($table, $ask, $work, $sets): void {
    $figures = [];
    foreach ($sets as $which => $options) {
        $total = [];
        foreach ([$few, $many] as $count) {
            array_map('unlink', glob("$work/callgrind.$which.*"));
            $port = $start(['valgrind', '--tool=callgrind', "--callgrind-out-file=$work/callgrind.$which.%p"], "counted-$which", $options);
            $failed = $ask($port, $path, "x$count")['failed'];
            $failed && fail("$name: $failed of $count requests failed", Servers::said("counted-$which"));
            Servers::stop("counted-$which");
            $counted = array_map(fn($file) => preg_match('/^totals: (\d+)/m', file_get_contents($file), $m) ? (int) $m[1] : 0, glob("$work/callgrind.$which.*"));
            $total[] = array_sum($counted);
        }
        $figures[$which] = intdiv($total[1] - $total[0], $many - $few);
    }
    $table->row("$name, tracing on, a request", 'instructions', $figures['without'], $figures['with'], 1.02);
};

/** Both, for what `$start` starts: requests that are counted, and a part of the time of a load. */
$measure = function (
    string $name,
    string $path,
    callable $start,
    array $counts = [40, 240],
    float $part = 1,
) use ($compare, $instructions, $sets, $seconds): void {
    $ports = [];
    foreach ($sets as $which => $options) {
        $ports[$which] = $start([], $which, $options);
    }
    $compare($name, $ports, $path, $part * $seconds);
    Servers::stop(...array_keys($ports));
    $instructions($name, $path, $start, ...$counts);
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
    $serve = fn(string $script, array $more = []) => fn(array $under, string $name, array $options) =>
        Servers::fpm($under, $name, $nginx, [$fpm, '-n', ...$modules, ...$more, ...$options], $script);
    $measure('FPM, a page of 0.2 ms', '/product/17', $serve(script('page.php')));
    if ($hasShop) {
        $measure('FPM, the shop (Slim, MariaDB)', '/list', $serve($shop));
    } else {
        $table->without('FPM, the shop', 'no MariaDB or no Slim');
    }
    // A front page of 24 queries in 40 million instructions. WordPress does some 7 million more in one
    // request now and then; counted over 40 requests, that is 0.5 % of one.
    $site = getenv('SITE');
    $more = Servers::modules('mysqli', 'dom', 'simplexml', 'xml', 'mbstring');
    $install = fn(): string => output([$php, '-n', ...$modules, ...$more, script('wordpress_install.php'), $site, getenv('SITE_FORM')]);
    if ($site && $more && str_contains($install(), 'Success!')) {
        // Its files are looked at every two seconds: not in each request, where it is slow.
        array_push($more, '-d', 'opcache.validate_timestamps=0');
        $measure('FPM, WordPress', '/', $serve("$site/index.php", $more), [4, 44], 0.4);
    } else {
        $table->without('FPM, WordPress', match (true) {
            !$site => 'no MariaDB or no WordPress',
            !$more => 'no mysqli, xml or mbstring',
            default => 'it cannot be installed',
        });
    }
} else {
    $table->without('FPM', 'no php-fpm or no nginx');
}

if ($swoole = Servers::modules('swoole')) {
    $command = [$php, '-n', ...$modules, ...$swoole];
    $serve = fn(string $script, string ...$page) => function (array $under, string $name, array $options) use ($command, $script, $page): int {
        $port = Servers::freePort();
        Servers::start($name, [...$under, ...$command, ...$options, script($script), (string) $port, ...$page]);
        Servers::await("tcp://127.0.0.1:$port") || fail($name, Servers::said($name));
        return $port;
    };
    $measure('Swoole, a page of 0.1 ms', '/product/17', $serve('swoole_page.php', 'page'));
    if (getenv('SHOP_MYSQL')) {
        $measure('Swoole, coroutines and MariaDB', '/list', $serve('swoole_page.php', 'list'));
    } else {
        $table->without('Swoole, coroutines and MariaDB', 'no MariaDB');
    }
    if ($hasShop) {
        $measure('Swoole, the shop (Slim, MariaDB)', '/list', $serve('swoole_shop.php'), part: 0.4);
    } else {
        $table->without('Swoole, the shop', 'no MariaDB or no Slim');
    }
} else {
    $table->without('Swoole', 'not installed');
}
Servers::stop();
