--TEST--
WebSocket in a loop of the program's own: the upgrade is a request, each message an entry, and nothing that the connection's coroutine does gets lost
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/../trace/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/../trace/helper.inc';
$receiver = new Receiver();
$receiver->modules = Receiver::SWOOLE;
echo $receiver->run(<<<'PHP'
    use Swoole\Coroutine\{Channel, Http\Client, Http\Server};
    // One call of a database, so named.
    function note(string $what) { (new PDO('sqlite::memory:'))->exec("CREATE TABLE $what (a)"); }
    // A function whose spans are open while it waits.
    function next_frame($response, float $timeout = -1) { return $response->recv($timeout); }
    Co\run(function () {
        $server = new Server('127.0.0.1', 0);
        $left = new Channel();
        $server->handle('/chat', function ($request, $response) use ($left) {
            note('before');
            $response->upgrade();
            note('opened');
            while (($frame = next_frame($response)) && $frame->data !== 'bye') {
                note($frame->data);
                // It outlives the message that it belongs to.
                $frame->data === 'second' and go(function () use ($response) { Co::sleep(0.05); note('late'); $response->push('late'); });
                $response->push("got $frame->data");
            }
            $frame and note($frame->data);
            $response->recv(0.01);
            note('closed');
            $left->push(true);
        });
        // Another coroutine reads; what pushes goes on.
        $server->handle('/feed', function ($request, $response) use ($left) {
            $response->upgrade();
            go(function () use ($response, $left) {
                note('reads');
                while ($frame = $response->recv()) {
                    note($frame->data);
                    $response->push("read $frame->data");
                    if ($frame->data === 'one') { continue; }
                    $left->push(true);
                    return;
                }
            });
        });
        $server->handle('/plain', function ($request, $response) {
            note('plain');
            $response->end('plain');
        });
        go(fn () => $server->start());
        $chat = new Client('127.0.0.1', $server->port);
        $chat->upgrade('/chat?token=secret');
        foreach (['first', 'second'] as $text) {
            $chat->push($text);
            echo $chat->recv()->data, "\n";
        }
        echo $chat->recv()->data, "\n";
        $chat->push('bye');
        $left->pop();
        $chat->close();
        $feed = new Client('127.0.0.1', $server->port);
        $feed->upgrade('/feed');
        foreach (['one', 'two'] as $text) {
            $feed->push($text);
            echo $feed->recv()->data, "\n";
        }
        $left->pop();
        $plain = new Client('127.0.0.1', $server->port);
        $plain->get('/plain');
        echo $plain->body, "\n";
        $server->shutdown();
    });
    PHP, [], ['apm.trace_functions' => 'next_frame']);
$traces = $calls = [];
foreach ($receiver->of('segment') as $segment) {
    $trace = &$traces[$segment['trace_id']];
    $trace = array_merge($trace ?? [], $segment['spans']);
    if ($segment['flags'] & 1 << 5) {
        echo "interrupted\n";
    }
}
unset($trace);
foreach ($traces as $spans) {
    $byId = array_column($spans, null, 'span_id');
    foreach ($spans as $span) {
        if ($span['name'] === 'connect') {
            continue;
        }
        $parent = $byId[$span['parent_span_id']]['name'] ?? (hexdec($span['parent_span_id']) ? 'missing' : 'none');
        $lines[] = line($span, 'http.response.status_code', 'url.path') . " $span[system] < $parent";
    }
    $lines[] = '';
}
echo implode("\n", $lines ?? []);
foreach ($receiver->of('stats') as $bucket) {
    foreach ($bucket['rows'] as $row) {
        if (in_array($row['system'], ['http', 'swoole']) && $row['endpoint'] !== 'GET') {
            $calls["$row[endpoint] $row[system]"] = ($calls["$row[endpoint] $row[system]"] ?? 0) + $row['calls'];
            $row['errors'] and print("errors: $row[endpoint]\n");
        }
    }
}
ksort($calls);
foreach ($calls as $endpoint => $count) {
    echo "$count x $endpoint\n";
}
--EXPECT--
got first
got second
late
read one
read two
plain
Client CREATE before Unset http.response.status_code=null url.path=null sqlite < GET /chat
Server GET /chat Unset http.response.status_code=101 url.path="/chat" http < missing
Client CREATE opened Unset http.response.status_code=null url.path=null sqlite < GET /chat
Internal next_frame Unset http.response.status_code=null url.path=null  < GET /chat
Client CREATE closed Unset http.response.status_code=null url.path=null sqlite < GET /chat
Server GET /feed Unset http.response.status_code=101 url.path="/feed" http < missing
Client CREATE reads Unset http.response.status_code=null url.path=null sqlite < go
Internal go Unset http.response.status_code=null url.path=null  < GET /feed
Client CREATE plain Unset http.response.status_code=null url.path=null sqlite < GET /plain
Server GET /plain Unset http.response.status_code=200 url.path="/plain" http < missing

Client CREATE first Unset http.response.status_code=null url.path=null sqlite < websocket
Internal next_frame Unset http.response.status_code=null url.path=null  < websocket
Server websocket Unset http.response.status_code=null url.path=null swoole < none

Client CREATE second Unset http.response.status_code=null url.path=null sqlite < websocket
Internal next_frame Unset http.response.status_code=null url.path=null  < websocket
Server websocket Unset http.response.status_code=null url.path=null swoole < none
Client CREATE late Unset http.response.status_code=null url.path=null sqlite < go
Internal go Unset http.response.status_code=null url.path=null  < websocket

Client CREATE bye Unset http.response.status_code=null url.path=null sqlite < websocket
Server websocket Unset http.response.status_code=null url.path=null swoole < none

Client CREATE one Unset http.response.status_code=null url.path=null sqlite < websocket
Server websocket Unset http.response.status_code=null url.path=null swoole < none

Client CREATE two Unset http.response.status_code=null url.path=null sqlite < websocket
Server websocket Unset http.response.status_code=null url.path=null swoole < none
1 x GET /chat http
1 x GET /feed http
1 x GET /plain http
5 x websocket swoole
