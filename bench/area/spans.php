<?php
// What one finished span costs on the PHP thread: the time of a call with tracing
// and a running agent, less its time without the extension. Runs are interleaved.

[$socket] = Servers::agent('agent-spans');
$options = ['-d', "extension=$extension", '-d', "apm.agent_socket=$socket"];
// phpredis is linked to these in Debian's build.
$linked = array_values(array_filter(['igbinary', 'msgpack'], fn($module) => Servers::modules($module) !== null));
$targets = ['pdo' => '', 'curl' => null, 'redis' => null];

if (Servers::modules('curl')) {
    $port = Servers::freePort();
    Servers::start('http', [$php, '-n', '-S', "127.0.0.1:$port", script('empty.php')]);
    $targets['curl'] = Servers::await("tcp://127.0.0.1:$port") ? "http://127.0.0.1:$port/" : null;
}
if (Servers::modules('redis') && $server = Servers::program('redis-server', 'redis-check-rdb')) {
    // One program under two names; Debian's redis-tools has it without a service.
    $program = "$work/redis-server";
    is_link($program) || symlink($server, $program);
    Servers::start('redis', [$program, '--port', '0', '--unixsocket', "$work/redis.sock", '--save', '', '--dir', $work]);
    $targets['redis'] = Servers::await("unix://$work/redis.sock") ? "$work/redis.sock" : null;
}
$kinds = [
    // name, modules, calls (below the 10,000 spans that a trace keeps), runs
    'pdo' => ['PDO sqlite', ['pdo', 'pdo_sqlite'], 8_000, RUNS],
    'redis' => ['Redis', [...$linked, 'redis'], 8_000, RUNS],
    'curl' => ['curl to loopback', ['curl'], 500, RUNS],
    // What remains when the program sends as many headers: curl formats each.
    'curl4' => ['curl, against a program that sets four headers', ['curl'], 500, RUNS],
];
$targets['curl4'] = $targets['curl'];
foreach ($kinds as $kind => [$name, $wanted, $calls, $runs]) {
    $modules = Servers::modules(...$wanted);
    if ($modules === null || $targets[$kind] === null) {
        $table->without("a span of $name", 'no module or no server');
        continue;
    }
    $command = fn(array $options) => [$php, '-n', ...$modules, ...$options, script('spans.php'), $options ? rtrim($kind, '4') : $kind, (string) $calls, $targets[$kind]];
    $time = fn(array $options) => fn() => (float) output($command($options));
    [$base, $with] = medians($runs, [$time([]), $time($options)]);
    $table->difference("a span of $name", 'ns a call', $base, $with, 1_000);
    // Of two runs of different length: start-up and the end cancel out.
    $perCall = function (array $options) use ($command, $calls) {
        $run = fn(int $n) => instructions(array_map(fn($part) => $part === (string) $calls ? (string) $n : $part, $command($options)));
        $half = intdiv($calls, 2);
        return intdiv($run($calls) - $run($half), $calls - $half);
    };
    $table->difference("a span of $name", 'instructions a call', $perCall([]), $perCall($options), null);
}

// A user function that is named in trace_functions.
$calls = 8_000;
$user = fn(array $options) => fn() => (float) output([$php, '-n', ...$options, script('spans.php'), 'user', (string) $calls, '']);
if (str_contains(output([$php, '-n', ...$options, '--ri', 'swoole_tracker']), 'trace_functions')) {
    [$base, $with] = medians(RUNS, [$user([]), $user([...$options, '-d', 'apm.trace_functions=traced'])]);
    $table->difference('an instrumented user call', 'ns a call', $base, $with, null);
} else {
    $table->without('an instrumented user call', 'this build has no trace_functions');
}
Servers::stop();
