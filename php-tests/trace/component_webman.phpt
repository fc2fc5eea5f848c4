--TEST--
What the component of webman calls; two services are one trace by the old headers alone, and each request is counted once
--SKIPIF--
<?php require __DIR__ . '/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/component.inc';
$receiver = new Receiver();
// Knows nothing of the tracker: the extension reads the headers by itself.
$behind = new Service($receiver, '$h = array_filter(array_keys($_SERVER), fn ($k) => preg_match("~TRACE|B3|SPANID~", $k)); sort($h); echo implode(" ", $h);', router: true);
$front = new Service($receiver, 'const BEHIND = ' . $behind->port . ';' . <<<'PHP'
    $path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
    $tick = null;
    if (class_exists("SwooleTracker\Stats")) {
        $tick = \SwooleTracker\Stats::beforeExecRpc($path, getenv('belong_system') ?: null, $_SERVER['SERVER_ADDR'] ?? '127.0.0.1');
    }
    $code = match ($path) { '/missing' => 404, '/broken' => 500, default => 200 };
    http_response_code($code);
    if ($code === 200) {
        // By hand on a socket: nothing is added to these headers.
        $socket = fsockopen('127.0.0.1', BEHIND);
        fwrite($socket, "GET /stock/5 HTTP/1.0\r\nHost: behind\r\nx-swoole-traceid: " . getSwooleTrackerTraceId()
            . "\r\nx-swoole-spanid: " . getSwooleTrackerSpanId() . "\r\n\r\n");
        echo substr(strstr(stream_get_contents($socket), "\r\n\r\n"), 4);
    }
    $tick and \SwooleTracker\Stats::afterExecRpc($tick, $code === 200, $code);
    PHP, router: true);
foreach (['/order/1', '/order/2', '/missing', '/broken'] as $path) {
    echo $front->get($path);
}
$front->stop();
$behind->stop();
echo implode("\n", counted($receiver)), "\n";
$roots = roots($receiver);
foreach ($roots['/order/$'] as $caller) {
    foreach ($roots['GET /stock/$'] as $called) {
        if ($called['trace'] === $caller['trace']) {
            echo 'one trace: ', $called['parent'] === $caller['id'] ? "called by the entry\n" : "called by another\n";
        }
    }
}
--EXPECT--
200 HTTP_X_SWOOLE_SPANID HTTP_X_SWOOLE_TRACEID
200 HTTP_X_SWOOLE_SPANID HTTP_X_SWOOLE_TRACEID
404 
500 
127.0.0.1:port /broken: 1 calls, 1 errors, codes {"500":1}
127.0.0.1:port /missing: 1 calls, 1 errors, codes {"404":1}
127.0.0.1:port /order/$: 2 calls, 0 errors, codes {"200":2}
behind GET /stock/$: 2 calls, 0 errors, codes {"200":2}
one trace: called by the entry
one trace: called by the entry
