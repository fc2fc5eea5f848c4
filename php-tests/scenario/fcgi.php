<?php
/*
 * A FastCGI client, just enough for the tests: php fcgi.php SOCKET SCRIPT COUNT [URI]
 * requests the script COUNT times, over three connections at a time so that
 * every worker gets some, and prints one body per line.
 */

[, $socket, $script, $count] = $argv;
$uri = $argv[4] ?? '/';

function record(int $type, string $content): string
{
    return pack('CCnnCC', 1, $type, 1, strlen($content), 0, 0) . $content;
}

function pair(string $name, string $value): string
{
    return pack('NN', strlen($name) | 0x80000000, strlen($value) | 0x80000000) . $name . $value;
}

function send(string $socket, string $script, string $uri)
{
    $stream = stream_socket_client("unix://$socket", $code, $message, 5);
    $params = pair('SCRIPT_FILENAME', $script) . pair('REQUEST_METHOD', 'GET') . pair('SCRIPT_NAME', '/')
        . pair('REQUEST_URI', $uri) . pair('SERVER_PROTOCOL', 'HTTP/1.1');
    // BEGIN_REQUEST as responder, PARAMS, end of PARAMS, end of STDIN
    fwrite($stream, record(1, pack('nCx5', 1, 0)) . record(4, $params) . record(4, '') . record(5, ''));
    return $stream;
}

function receive($stream): string
{
    $body = '';
    while (strlen($head = (string) stream_get_contents($stream, 8)) === 8) {
        ['type' => $type, 'length' => $length, 'padding' => $padding] = unpack('Cversion/Ctype/nid/nlength/Cpadding', $head);
        $content = $length ? stream_get_contents($stream, $length) : '';
        $padding && stream_get_contents($stream, $padding);
        if ($type === 6) {
            $body .= $content; // STDOUT
        } elseif ($type === 7) {
            $body .= "stderr: $content";
        } elseif ($type === 3) {
            break; // END_REQUEST
        }
    }
    // FPM keeps the worker busy until the client hangs up.
    fclose($stream);
    return explode("\r\n\r\n", $body, 2)[1] ?? $body;
}

for ($left = (int) $count; $left > 0; $left -= 3) {
    $streams = [];
    for ($n = min(3, $left); $n > 0; $n--) {
        $streams[] = send($socket, $script, $uri);
    }
    foreach ($streams as $stream) {
        echo receive($stream), "\n";
    }
}
