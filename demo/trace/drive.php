<?php
/*
 * Asks the shop: good, slow and failing requests, in a fixed order.
 *
 *     php drive.php ADDRESS REQUESTS
 */

[, $address, $requests] = $argv;
$answers = [];
for ($i = 0; $i < (int) $requests; $i++) {
    $path = match (true) {
        $i % 20 === 7 => '/report',
        $i % 20 === 13 => '/broken',
        $i % 6 === 1 => '/list',
        default => '/product/' . (1 + $i % 17),
    };
    $connection = stream_socket_client("tcp://$address", $code, $message, 5) ?: exit("cannot connect: $message\n");
    stream_set_timeout($connection, 10);
    fwrite($connection, "GET $path HTTP/1.0\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
    $status = explode(' ', (string) fgets($connection))[1] ?? 'no answer';
    stream_get_contents($connection);
    fclose($connection);
    $answers[$status] = ($answers[$status] ?? 0) + 1;
}
ksort($answers);
foreach ($answers as $status => $count) {
    echo "$count answers $status\n";
}
