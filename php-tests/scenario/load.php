<?php
/*
 * Load for a server on loopback: php load.php PORT COUNT FIRST [until FILE exists]
 * sends requests one after the other, each with a trace id of its own, FIRST and
 * following. Prints "sent answered median_us p99_us requests_per_s".
 */
[, $port, $count, $first] = $argv;
$stop = $argv[4] ?? '';
$times = [];
$answered = 0;
$start = hrtime(true);
for ($n = 0; $n < $count && ($stop === '' || !file_exists($stop)); $n++) {
    clearstatcache();
    $began = hrtime(true);
    $stream = stream_socket_client("tcp://127.0.0.1:$port", $code, $message, 10);
    fwrite($stream, sprintf("GET /page HTTP/1.1\r\nHost: load\r\ntraceparent: 00-%032x-%016x-01\r\nConnection: close\r\n\r\n",
        $first + $n, 1));
    $answered += (int) str_ends_with(stream_get_contents($stream), "\r\n\r\npage");
    fclose($stream);
    $times[] = intdiv(hrtime(true) - $began, 1000);
}
$rate = $n / (hrtime(true) - $start) * 1e9;
sort($times);
echo $n, ' ', $answered, ' ', $times[intdiv(count($times), 2)] ?? 0, ' ', $times[intdiv(count($times) * 99, 100)] ?? 0, ' ', round($rate, 1), "\n";
