--TEST--
curl and curl_multi: headers of the trace beside the program's own, never instead of them
--SKIPIF--
<?php $needs = ['curl']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
// A server that answers with the names of the headers that it got.
$router = sys_get_temp_dir() . '/router.' . getmypid() . '.php';
file_put_contents($router, '<?php http_response_code(strstr($_SERVER["REQUEST_URI"], "/bad") ? 503 : 200);
    foreach (["X_MINE", "TRACEPARENT", "X_SWOOLE_TRACEID"] as $n) {
        if (isset($_SERVER["HTTP_$n"])) { echo strtolower($n), $n === "TRACEPARENT" ? " " . substr($_SERVER["HTTP_$n"], 3, 4) : "", ";"; }
    }
    echo "\n";');
$probe = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) substr(strrchr(stream_socket_get_name($probe, false), ':'), 1);
fclose($probe);
$server = proc_open([PHP_BINARY, '-n', '-S', "127.0.0.1:$port", $router],
    [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', '/dev/null', 'w']], $pipes);
for ($until = microtime(true) + 5; !($up = @fsockopen('127.0.0.1', $port)) && microtime(true) < $until;) {
    usleep(20000);
}
fclose($up);

$receiver = new Receiver();
echo preg_replace('~traceparent (?!0af7)\w+~', 'traceparent ours', $receiver->run("const PORT = $port;" . <<<'PHP'
    $plain = curl_init('http://user:pass@127.0.0.1:' . PORT . '/a?token=x');
    curl_exec($plain);
    $own = curl_init();
    curl_setopt_array($own, [CURLOPT_URL => 'http://127.0.0.1:' . PORT . '/b',
        CURLOPT_HTTPHEADER => ['X-Mine: 1'], CURLOPT_POSTFIELDS => 'a=b']);
    curl_exec($own);
    curl_exec(curl_copy_handle($own));
    curl_setopt($own, CURLOPT_HTTPHEADER, ['traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']);
    curl_exec($own);
    curl_reset($own);
    curl_setopt($own, CURLOPT_URL, 'http://127.0.0.1:' . PORT . '/bad');
    curl_exec($own);
    $multi = curl_multi_init();
    curl_setopt($plain, CURLOPT_URL, 'http://127.0.0.1:' . PORT . '/multi');
    curl_multi_add_handle($multi, $plain);
    do {
        curl_multi_exec($multi, $running);
        curl_multi_select($multi, 0.1);
    } while ($running);
    curl_multi_remove_handle($multi, $plain);
    // A handle that is forgotten among many does not go on with what it was given last.
    for ($i = 0; $i < 9000; $i++) {
        $many[] = curl_init();
    }
    unset($many);
    curl_setopt($own, CURLOPT_URL, 'http://127.0.0.1:' . PORT . '/forgotten');
    curl_exec($own);
    curl_setopt($plain, CURLOPT_URL, 'http://127.0.0.1:1/');
    var_dump(curl_exec($plain), curl_errno($plain));
    PHP));
proc_terminate($server);
proc_close($server);
unlink($router);
foreach ($receiver->spans() as $span) {
    echo line($span, 'url.full', 'http.response.status_code', 'error.type'), "\n";
}
--EXPECTF--
traceparent ours;x_swoole_traceid;
x_mine;traceparent ours;x_swoole_traceid;
x_mine;traceparent ours;x_swoole_traceid;
traceparent 0af7;x_swoole_traceid;
traceparent ours;x_swoole_traceid;
traceparent ours;x_swoole_traceid;

bool(false)
int(7)
Client GET Unset url.full="http://127.0.0.1:%d/a?token=REDACTED" http.response.status_code=200 error.type=null
Client POST Unset url.full="http://127.0.0.1:%d/b" http.response.status_code=200 error.type=null
Client POST Unset url.full="http://127.0.0.1:%d/b" http.response.status_code=200 error.type=null
Client POST Unset url.full="http://127.0.0.1:%d/b" http.response.status_code=200 error.type=null
Client GET Error url.full="http://127.0.0.1:%d/bad" http.response.status_code=503 error.type="503"
Client GET Unset url.full="http://127.0.0.1:%d/multi" http.response.status_code=200 error.type=null
Client GET Unset url.full="http://127.0.0.1:%d/forgotten" http.response.status_code=200 error.type=null
Client GET Error url.full="http://127.0.0.1:1/" http.response.status_code=null error.type="curl 7"
Internal traced.%d.php Unset url.full=null http.response.status_code=null error.type=null
