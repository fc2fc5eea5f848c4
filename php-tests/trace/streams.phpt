--TEST--
Streams of http: headers of the trace beside the program's own; its contexts stay as they are; method and status
--INI--
apm.enable=0
--SKIPIF--
<?php require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$router = sys_get_temp_dir() . '/router.' . getmypid() . '.php';
file_put_contents($router, '<?php
    if ($_SERVER["REQUEST_URI"] === "/moved") { header("Location: /there"); }
    http_response_code((int) ltrim($_SERVER["REQUEST_URI"], "/") ?: ($_SERVER["REQUEST_URI"] === "/moved" ? 302 : 200));
    foreach (["X_MINE", "X_OTHER", "TRACEPARENT", "X_SWOOLE_TRACEID", "B3", "BAGGAGE"] as $n) {
        if (isset($_SERVER["HTTP_$n"])) { echo strtolower($n), strstr($_SERVER["HTTP_$n"], "0af7") ? " (its own)" : "", ";"; }
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

$script = "const URL = 'http://127.0.0.1:$port/';" . <<<'PHP'
    echo file_get_contents(URL);
    echo json_encode(stream_context_get_options(stream_context_get_default())), "\n";
    $text = stream_context_create(['http' => ['header' => "X-Mine: 1\r\nBaggage: a=b\r\n", 'method' => 'GET']]);
    $before = stream_context_get_options($text);
    echo file_get_contents(URL, false, $text), implode(file(URL, 0, $text)), file_get_contents(URL, false, null);
    var_dump(stream_context_get_options($text) === $before);
    $lines = stream_context_create(['http' => ['header' => ['X-Mine: 1', 'X-Other: 2', 'TraceParent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']]]);
    $stream = fopen(URL, 'r', false, $lines);
    echo stream_get_contents($stream);
    fclose($stream);
    echo count(stream_context_get_options($lines)['http']['header']), " headers\n";
    echo file_get_contents(URL, false, stream_context_create());
    stream_context_set_default(['http' => ['header' => 'X-Mine: 3']]);
    readfile(URL);
    echo json_encode(stream_context_get_options(stream_context_get_default())), "\n";
    var_dump(@file_get_contents('http://127.0.0.1:1/'));
    readfile(URL);

    // Statuses: of the last answer, and of those that the engine takes for a failure.
    $post = stream_context_create(['http' => ['method' => 'POST', 'content' => 'a=b', 'header' => 'Content-Type: text/plain']]);
    file_get_contents(URL . '201', false, $post);
    file(URL . 'moved');
    var_dump(@file_get_contents(URL . '404'), @fopen(URL . '503', 'r'));
    file_get_contents(URL . '404', false, stream_context_create(['http' => ['ignore_errors' => true]]));
    set_error_handler(fn () => true);
    file_get_contents(URL . '403');
    restore_error_handler();
    @file_get_contents('http://127.0.0.1:1/');
    set_error_handler(fn () => true);
    file_get_contents(URL . '200');
    stream_context_set_default(['http' => ['method' => 'PUT']]);
    $told = [];
    $telling = stream_context_create([], ['notification' => function ($code) use (&$told) { $told[$code] = true; }]);
    fclose(fopen(URL . '202', 'r', false, $telling));
    echo count($told) > 2 ? "told\n" : "not told\n";
    fclose(fopen(URL . '202', 'r'));
    echo stream_wrapper_unregister('http') && stream_wrapper_restore('http') ? "restored\n" : '';
    fclose(fopen(URL . '203', 'r'));
    echo stream_get_meta_data($held = fopen(URL, 'r'))['wrapper_type'], "\n";
    PHP;
$receiver = new Receiver();
echo $receiver->run($script);
foreach ($receiver->spans() as $span) {
    echo line($span, 'url.full', 'http.response.status_code', 'error.type'), "\n";
}
$receiver = new Receiver();
echo strtok($receiver->run($script, [], ['apm.trace_b3' => 1]), "\n"), "\n";
unset($receiver);
proc_terminate($server);
proc_close($server);
unlink($router);
--EXPECTF--
traceparent;x_swoole_traceid;
[]
x_mine;traceparent;x_swoole_traceid;baggage;
x_mine;traceparent;x_swoole_traceid;baggage;
traceparent;x_swoole_traceid;
bool(true)
x_mine;x_other;traceparent (its own);x_swoole_traceid;
3 headers
traceparent;x_swoole_traceid;
x_mine;traceparent;x_swoole_traceid;
{"http":{"header":"X-Mine: 3"}}
bool(false)
x_mine;traceparent;x_swoole_traceid;
bool(false)
bool(false)
told
restored
http
Client GET Unset url.full="http://127.0.0.1:%d/" http.response.status_code=200 error.type=null
Client GET Unset url.full="http://127.0.0.1:%d/" http.response.status_code=200 error.type=null
Client GET Unset url.full="http://127.0.0.1:%d/" http.response.status_code=200 error.type=null
Client GET Unset url.full="http://127.0.0.1:%d/" http.response.status_code=200 error.type=null
Client GET Unset url.full="http://127.0.0.1:%d/" http.response.status_code=200 error.type=null
Client GET Unset url.full="http://127.0.0.1:%d/" http.response.status_code=200 error.type=null
Client GET Unset url.full="http://127.0.0.1:%d/" http.response.status_code=200 error.type=null
Client GET Error url.full="http://127.0.0.1:1/" http.response.status_code=null error.type="error"
Client GET Unset url.full="http://127.0.0.1:%d/" http.response.status_code=200 error.type=null
Client POST Unset url.full="http://127.0.0.1:%d/201" http.response.status_code=201 error.type=null
Client GET Unset url.full="http://127.0.0.1:%d/moved" http.response.status_code=200 error.type=null
Client GET Error url.full="http://127.0.0.1:%d/404" http.response.status_code=404 error.type="404"
Client GET Error url.full="http://127.0.0.1:%d/503" http.response.status_code=503 error.type="503"
Client GET Error url.full="http://127.0.0.1:%d/404" http.response.status_code=404 error.type="404"
Client GET Error url.full="http://127.0.0.1:%d/403" http.response.status_code=null error.type="error"
Client GET Error url.full="http://127.0.0.1:1/" http.response.status_code=null error.type="error"
Client GET Unset url.full="http://127.0.0.1:%d/200" http.response.status_code=200 error.type=null
Client GET Unset url.full="http://127.0.0.1:%d/202" http.response.status_code=202 error.type=null
Client PUT Unset url.full="http://127.0.0.1:%d/202" http.response.status_code=202 error.type=null
Client PUT Unset url.full="http://127.0.0.1:%d/203" http.response.status_code=203 error.type=null
Client PUT Unset url.full="http://127.0.0.1:%d/" http.response.status_code=200 error.type=null
Internal traced.%d.php Unset url.full=null http.response.status_code=null error.type=null
traceparent;x_swoole_traceid;b3;
