<?php
// Asks a web server over four connections that stay open, each as fast as it answers.
//
//   php load.php ADDRESS PATH SECONDS    prints {"rate", "p99_ms", "requests", "failed"}
//   php load.php ADDRESS PATH xCOUNT     the same for that many requests, over one

[, $address, $path, $limit] = $argv;
$count = $limit[0] === 'x' ? (int) substr($limit, 1) : PHP_INT_MAX;
$seconds = $limit[0] === 'x' ? 300.0 : (float) $limit;
define('CONNECTIONS', $limit[0] === 'x' ? 1 : 4);
$request = "GET $path HTTP/1.1\r\nHost: $address\r\n\r\n";
$connect = function () use ($address) {
    $connection = stream_socket_client("tcp://$address", $code, $message, 5) ?: exit(1);
    stream_set_blocking($connection, false);
    return $connection;
};
$open = $asked = $read = $times = [];
$failed = 0;
for ($i = 0; $i < CONNECTIONS; $i++) {
    $open[$i] = $connect();
    $read[$i] = '';
}
// The first tenth of a time warms up.
$begin = hrtime(true);
$counted = $limit[0] === 'x' ? $begin : $begin + (int) ($seconds * 1e8);
$end = $begin + (int) ($seconds * 1e9);
$ask = function (int $i) use (&$open, &$asked, $request) {
    $asked[$i] = hrtime(true);
    fwrite($open[$i], $request);
};
array_map($ask, array_keys($open));
while (hrtime(true) < $end && $count > 0) {
    $ready = $open;
    $none = null;
    // Under callgrind the first page takes longest: all its files are compiled.
    if (!stream_select($ready, $none, $none, 60)) {
        $failed++;
        break;
    }
    foreach ($ready as $connection) {
        $i = array_search($connection, $open, true);
        $bytes = fread($connection, 65536);
        $read[$i] .= $bytes;
        $isClosed = $bytes === '' && feof($connection);
        if (!$isClosed && !isWhole($read[$i])) {
            continue;
        }
        $now = hrtime(true);
        if (!preg_match('#^HTTP/1.1 200 #', $read[$i])) {
            $failed++;
        } elseif ($asked[$i] >= $counted) {
            $times[] = $now - $asked[$i];
        }
        $read[$i] = '';
        if (--$count < 1) {
            break;
        }
        if ($isClosed) {
            $open[$i] = $connect();
        }
        $ask($i);
    }
}
sort($times);
$count = count($times);
echo json_encode([
    'rate' => $count / ($seconds * 0.9),
    'p99_ms' => $count ? $times[(int) ($count * 0.99)] / 1e6 : 0,
    'requests' => $count,
    'failed' => $failed + ($count ? 0 : 1),
]), "\n";

/** Whether an answer has come to its end: by its length, or by its last chunk. */
function isWhole(string $answer): bool
{
    $head = strpos($answer, "\r\n\r\n");
    if ($head === false) {
        return false;
    }
    if (preg_match('/^content-length: *(\d+)/mi', substr($answer, 0, $head), $match)) {
        return strlen($answer) >= $head + 4 + $match[1];
    }
    return str_ends_with($answer, "\r\n0\r\n\r\n");
}
