<?php
// One call, many times: prints its time in ns. KIND CALLS TARGET
[, $kind, $calls, $target] = $argv;

function traced(): void {}

switch ($kind) {
    case 'pdo':
        $db = new PDO('sqlite::memory:');
        $query = $db->prepare('SELECT 1');
        $call = fn() => $query->execute();
        break;
    case 'redis':
        $redis = new Redis();
        $redis->connect($target);
        $call = fn() => $redis->get('key');
        break;
    case 'curl':
        $curl = curl_init($target);
        curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
        $call = fn() => curl_exec($curl);
        break;
    case 'curl4':
        // What the trace sends along, sent by the program itself.
        $curl = curl_init($target);
        curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
        $headers = ['traceparent: 00-' . str_repeat('1', 32) . '-' . str_repeat('1', 16) . '-03', 'tracestate: swoole_tracker=a:spans.php',
            'x-swoole-traceid: ' . str_repeat('1', 16), 'x-swoole-spanid: ' . str_repeat('1', 16)];
        $call = function () use ($curl, $headers) {
            curl_setopt($curl, CURLOPT_HTTPHEADER, $headers);
            return curl_exec($curl);
        };
        break;
    default:
        $call = fn() => traced();
}
for ($i = 0; $i < 100; $i++) {
    $call();
}
$begin = hrtime(true);
for ($i = 0; $i < $calls; $i++) {
    $call();
}
echo (hrtime(true) - $begin) / $calls, "\n";
