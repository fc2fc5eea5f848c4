--TEST--
Clients in coroutines: headers of the trace beside the program's own, what failed, HTTP/2, sockets
--INI--
apm.enable=0
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/../trace/skip.inc';
--FILE--
<?php
require __DIR__ . '/../trace/helper.inc';
$receiver = new Receiver();
$receiver->modules = Receiver::SWOOLE;
echo $receiver->run(<<<'PHP'
    use Swoole\Coroutine\{Http\Client, Http\Server, Http2, Socket};
    Co\run(function () {
        $server = new Server('127.0.0.1', 0);
        $server->set(['open_http2_protocol' => true]);
        $server->handle('/', function ($request, $response) {
            $names = array_intersect(['x-mine', 'traceparent', 'x-swoole-traceid', 'x-swoole-spanid'], array_keys($request->header));
            $text = implode(' ', $names);
            if (str_starts_with($request->header['traceparent'] ?? '', '00-0af7')) {
                $text .= ' (its own)';
            }
            $request->server['request_uri'] === '/bad' and $response->status(503);
            $response->end("$text\n");
        });
        $server->handle('/ws', function ($request, $response) {
            $response->upgrade();
            $response->push('hello');
        });
        go(fn () => $server->start());
        // The main request of a server is no trace; a timer's run is one.
        Swoole\Timer::after(10, fn () => calls($server));
    });

    function calls($server)
    {
        $client = new Client('127.0.0.1', $server->port);
        $client->get('/plain?key=secret');
        echo $client->body, json_encode($client->requestHeaders), "\n";
        $own = ['X-Mine' => '1'];
        $client->setHeaders($own);
        $client->post('/post', 'x');
        echo $client->body, json_encode([$client->requestHeaders, $own]), "\n";
        $client->setHeaders(['X-Mine' => '1', 'TraceParent' => '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']);
        $client->setMethod('PUT');
        $client->execute('/bad');
        echo $client->statusCode, ' ', $client->body;
        $ws = new Client('127.0.0.1', $server->port);
        echo $ws->upgrade('/ws') ? $ws->recv()->data : 'no', "\n";
        $none = new Client('127.0.0.1', 1);
        var_dump($none->get('/nobody'));
        $h2 = new Http2\Client('127.0.0.1', $server->port);
        $h2->connect();
        $request = new Swoole\Http2\Request();
        $request->path = '/h2';
        $request->headers = ['x-mine' => '2'];
        $streams = [$h2->send($request), $h2->send($request)];
        echo $h2->recv()->data, $h2->recv()->data, json_encode($request->headers), "\n";
        $h2->send($request);
        $h2->close();
        $socket = new Socket(AF_INET, SOCK_STREAM, 0);
        var_dump($socket->connect('127.0.0.1', $server->port), $socket->close());
        $server->shutdown();
    }
    PHP);
foreach ($receiver->spans() as $span) {
    if ($span['kind'] === 'Client') {
        echo line($span, 'url.full', 'http.response.status_code', 'error.type', 'server.address'), " $span[message]\n";
    }
}
$traces = array_unique(array_column($receiver->of('segment'), 'trace_id'));
echo count($traces), " traces\n";
--EXPECTF--
traceparent x-swoole-traceid x-swoole-spanid
null
x-mine traceparent x-swoole-traceid x-swoole-spanid
[{"X-Mine":"1"},{"X-Mine":"1"}]
503 x-mine traceparent x-swoole-traceid x-swoole-spanid (its own)
hello
bool(false)
x-mine traceparent x-swoole-traceid x-swoole-spanid
x-mine traceparent x-swoole-traceid x-swoole-spanid
{"x-mine":"2"}
bool(true)
bool(true)
Client GET Unset url.full="http://127.0.0.1:%d/plain?key=REDACTED" http.response.status_code=200 error.type=null server.address="127.0.0.1" 
Client POST Unset url.full="http://127.0.0.1:%d/post" http.response.status_code=200 error.type=null server.address="127.0.0.1" 
Client PUT Error url.full="http://127.0.0.1:%d/bad" http.response.status_code=503 error.type="503" server.address="127.0.0.1" 
Client GET Unset url.full="http://127.0.0.1:%d/ws" http.response.status_code=101 error.type=null server.address="127.0.0.1" 
Client GET Error url.full="http://127.0.0.1:1/nobody" http.response.status_code=null error.type="error" server.address="127.0.0.1" Connection refused
Client GET Unset url.full="http://127.0.0.1:%d/h2" http.response.status_code=200 error.type=null server.address="127.0.0.1" 
Client GET Unset url.full="http://127.0.0.1:%d/h2" http.response.status_code=200 error.type=null server.address="127.0.0.1" 
Client GET Error url.full="http://127.0.0.1:%d/h2" http.response.status_code=null error.type="unfinished" server.address="127.0.0.1" the connection was closed before the answer
Client connect Unset url.full=null http.response.status_code=null error.type=null server.address="127.0.0.1" 
2 traces
