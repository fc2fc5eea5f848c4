--TEST--
curl_multi: a handle that is added twice, or again after its curl_multi handle is gone
--SKIPIF--
<?php $needs = ['curl']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$router = sys_get_temp_dir() . '/router.' . getmypid() . '.php';
file_put_contents($router, '<?php echo "parent ", substr($_SERVER["HTTP_TRACEPARENT"] ?? "", 36, 16), "\n";');
$probe = stream_socket_server('tcp://127.0.0.1:0');
$port = (int) substr(strrchr(stream_socket_get_name($probe, false), ':'), 1);
fclose($probe);
$server = proc_open([PHP_BINARY, '-n', '-S', "127.0.0.1:$port", $router],
    [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', '/dev/null', 'w']], $pipes);
for ($until = microtime(true) + 5; !($up = @fsockopen('127.0.0.1', $port)) && microtime(true) < $until;) {
    usleep(20000);
}
fclose($up);

/** Calls of this kind that were counted, and how many of them failed. */
function counted(Receiver $receiver): array
{
    $calls = $errors = 0;
    foreach (array_merge([], ...array_column($receiver->of('stats'), 'rows')) as $row) {
        if ($row['system'] === 'http') {
            $calls += $row['calls'];
            $errors += $row['errors'];
        }
    }
    return [$calls, $errors];
}

// A handle that is under way cannot be added: its transfer goes on.
$receiver = new Receiver();
$output = $receiver->run("const PORT = $port;" . <<<'PHP'
    $multi = curl_multi_init();
    $handle = curl_init('http://127.0.0.1:' . PORT . '/twice');
    echo 'added: ', curl_multi_add_handle($multi, $handle), "\n";
    echo 'added: ', curl_multi_add_handle($multi, $handle), "\n";
    do {
        curl_multi_exec($multi, $running);
        curl_multi_select($multi, 0.1);
    } while ($running);
    curl_multi_remove_handle($multi, $handle);
    PHP);
$spans = array_filter($receiver->spans(), fn ($span) => $span['kind'] === 'Client');
foreach ($spans as $span) {
    echo line($span, 'http.response.status_code'), "\n";
    $output = str_replace($span['span_id'], 'is its span', $output);
}
echo $output;
[$calls, $errors] = counted($receiver);
echo "calls: $calls, $errors failed\n";

// One that was never removed, as its curl_multi handle is gone, is added to another.
$receiver = new Receiver();
echo preg_replace('/^parent \w+\n/m', '', $receiver->run("const PORT = $port;" . <<<'PHP'
    $multi = curl_multi_init();
    $handle = curl_init('http://127.0.0.1:' . PORT . '/again');
    curl_multi_add_handle($multi, $handle);
    unset($multi);
    $multi = curl_multi_init();
    echo 'added: ', curl_multi_add_handle($multi, $handle), "\n";
    do {
        curl_multi_exec($multi, $running);
        curl_multi_select($multi, 0.1);
    } while ($running);
    curl_multi_remove_handle($multi, $handle);
    PHP));
foreach ($receiver->spans() as $span) {
    $span['kind'] === 'Client' and print line($span, 'http.response.status_code', 'error.type') . "\n";
}
[$calls, $errors] = counted($receiver);
echo "calls: $calls, $errors failed\n";
proc_terminate($server);
proc_close($server);
unlink($router);
--EXPECT--
Client GET Unset http.response.status_code=200
added: 0
added: 7
parent is its span
calls: 1, 0 failed
added: 0
Client curl_multi Error http.response.status_code=null error.type="unfinished"
Client GET Unset http.response.status_code=200 error.type=null
calls: 2, 1 failed
