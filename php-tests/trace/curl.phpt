--TEST--
curl and curl_multi: headers of the trace beside the program's own, never instead of them
--SKIPIF--
<?php $needs = ['curl']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    $server = stream_socket_server('tcp://127.0.0.1:0');
    $port = (int) substr(strrchr(stream_socket_get_name($server, false), ':'), 1);
    function answer($server): string
    {
        $client = stream_socket_accept($server, 5);
        $head = '';
        while (($line = fgets($client)) !== "\r\n" && $line !== false) {
            $head .= $line;
        }
        fwrite($client, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        fclose($client);
        return $head;
    }
    function transfer($server, CurlHandle ...$handles): void
    {
        $multi = curl_multi_init();
        foreach ($handles as $handle) {
            curl_multi_add_handle($multi, $handle);
        }
        stream_set_blocking($server, false);
        $heads = [];
        for ($until = microtime(true) + 5; count($heads) < count($handles) && microtime(true) < $until;) {
            curl_multi_exec($multi, $running);
            $read = [$server];
            $write = $except = null;
            if (stream_select($read, $write, $except, 0, 5000)) {
                $heads[] = answer($server);
            }
        }
        do {
            curl_multi_exec($multi, $running);
        } while ($running && microtime(true) < $until);
        foreach ($handles as $handle) {
            curl_multi_remove_handle($multi, $handle);
        }
        foreach ($heads as $head) {
            preg_match_all('~^(x-mine|traceparent|x-swoole-traceid): (.*?)\r$~mi', $head, $found);
            echo implode(' ', array_map('strtolower', $found[1])), "\n";
        }
    }
    $plain = curl_init("http://user:pass@127.0.0.1:$port/a?token=x");
    curl_setopt($plain, CURLOPT_RETURNTRANSFER, true);
    transfer($server, $plain);
    $own = curl_init();
    curl_setopt_array($own, [CURLOPT_URL => "http://127.0.0.1:$port/b", CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HTTPHEADER => ['X-Mine: 1'], CURLOPT_POSTFIELDS => 'a=b']);
    transfer($server, $own);
    transfer($server, curl_copy_handle($own));
    curl_setopt($own, CURLOPT_HTTPHEADER, ['traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']);
    transfer($server, $own);
    curl_reset($own);
    curl_setopt_array($own, [CURLOPT_URL => "http://127.0.0.1:$port/c", CURLOPT_RETURNTRANSFER => true]);
    transfer($server, $own);
    fclose($server);
    var_dump(curl_exec($own), curl_errno($own));
    PHP);
foreach ($receiver->spans() as $span) {
    echo line($span, 'url.full', 'http.response.status_code', 'error.type'), "\n";
}
--EXPECTF--
traceparent x-swoole-traceid
x-mine traceparent x-swoole-traceid
x-mine traceparent x-swoole-traceid
traceparent x-swoole-traceid
traceparent x-swoole-traceid
bool(false)
int(%d)
Client GET Unset url.full="http://127.0.0.1:%d/a?token=REDACTED" http.response.status_code=200 error.type=null
Client POST Unset url.full="http://127.0.0.1:%d/b" http.response.status_code=200 error.type=null
Client POST Unset url.full="http://127.0.0.1:%d/b" http.response.status_code=200 error.type=null
Client POST Unset url.full="http://127.0.0.1:%d/b" http.response.status_code=200 error.type=null
Client GET Unset url.full="http://127.0.0.1:%d/c" http.response.status_code=200 error.type=null
Client GET Error url.full="http://127.0.0.1:%d/c" http.response.status_code=null error.type="curl %d"
Internal traced.%d.php Unset url.full=null http.response.status_code=null error.type=null
