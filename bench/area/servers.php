<?php
// Requests per second and p99 of FPM and Swoole, with tracing and a running agent against
// without the extension: interleaved pairs, medians. Needs a machine that is quiet.

$seconds = (float) (getenv('BENCH_SECONDS') ?: 5);
$pairs = (int) (getenv('BENCH_PAIRS') ?: 7);
[$socket] = Servers::agent('agent-servers');
$sets = ['without' => [], 'with' => ['-d', "extension=$extension", '-d', "apm.agent_socket=$socket"]];
$modules = Servers::modules('pdo', 'pdo_sqlite') ?? [];

/** Loads both in turn. */
$compare = function (string $name, array $ports) use ($table, $php, $seconds, $pairs): void {
    $figures = [];
    for ($pair = 0; $pair < $pairs; $pair++) {
        // The one that is first takes turns, too.
        foreach ($pair % 2 ? array_reverse($ports) : $ports as $which => $port) {
            $load = json_decode(output([$php, '-n', dirname(__DIR__) . '/lib/load.php', "127.0.0.1:$port", (string) $seconds]), true);
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

$fpm = Servers::program('php-fpm' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION);
$nginx = Servers::program('nginx');
if ($fpm && $nginx) {
    $ports = [];
    $isRoot = trim(shell_exec('id -u')) === '0';
    $http = '';
    foreach ($sets as $which => $options) {
        $ports[$which] = Servers::freePort();
        $pool = "[global]\nerror_log = $work/fpm-$which.err\n[www]\nlisten = $work/fpm-$which.sock\npm = static\npm.max_children = 2\n"
            . ($isRoot ? "user = root\ngroup = root\n" : '');
        file_put_contents("$work/fpm-$which.conf", $pool);
        Servers::start("fpm-$which", [$fpm, '-n', '--nodaemonize', ...($isRoot ? ['--allow-to-run-as-root'] : []),
            '--fpm-config', "$work/fpm-$which.conf", ...$modules, ...$options]);
        $http .= "server { listen 127.0.0.1:{$ports[$which]}; location / { fastcgi_pass unix:$work/fpm-$which.sock;"
            . ' fastcgi_param SCRIPT_FILENAME ' . script('page.php') . '; fastcgi_param REQUEST_METHOD $request_method;'
            . ' fastcgi_param REQUEST_URI $request_uri; fastcgi_param SCRIPT_NAME /page.php; } } ';
    }
    foreach (['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'] as $kind) {
        $http .= "{$kind}_temp_path $work/nginx-$kind; ";
    }
    file_put_contents("$work/nginx.conf", ($isRoot ? 'user root; ' : '') . "daemon off; worker_processes 1; pid $work/nginx.pid;"
        . "error_log $work/nginx.err; events {} http { access_log off; keepalive_requests 1000000; $http }\n");
    Servers::start('nginx', [$nginx, '-p', $work, '-e', "$work/nginx.err", '-c', "$work/nginx.conf"]);
    foreach ($ports as $port) {
        Servers::await("tcp://127.0.0.1:$port") || fail('nginx', file_get_contents("$work/nginx.err"));
    }
    $compare('FPM', $ports);
    Servers::stop('nginx', 'fpm-without', 'fpm-with');
} else {
    $table->without('FPM', 'no php-fpm or no nginx');
}

if ($swoole = Servers::modules('swoole')) {
    // Swoole asks for some of these, by how it was built.
    $also = array_merge(...array_map(fn($name) => Servers::modules($name) ?? [], ['mysqlnd', 'sockets', 'curl', 'pdo', 'pdo_sqlite']));
    $ports = [];
    foreach ($sets as $which => $options) {
        $ports[$which] = Servers::freePort();
        Servers::start("swoole-$which", [$php, '-n', ...$also, ...$swoole, ...$options,
            script('swoole_page.php'), (string) $ports[$which]]);
    }
    foreach ($ports as $which => $port) {
        Servers::await("tcp://127.0.0.1:$port") || fail('swoole', file_get_contents("$work/swoole-$which.log"));
    }
    $compare('Swoole', $ports);
} else {
    $table->without('Swoole', 'not installed');
}
Servers::stop();
