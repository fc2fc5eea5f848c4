<?php
/*
 * Sends requests to the demo server, one after the other.
 *
 *     php visitors.php ADDRESS REQUESTS
 */

[, $address, $requests] = $argv;
$answered = 0;
for ($i = 0; $i < (int) $requests; $i++) {
    $connection = stream_socket_client("tcp://$address", $code, $message, 5);
    if (!$connection) {
        fwrite(STDERR, "cannot connect: $message\n");
        exit(1);
    }
    stream_set_timeout($connection, 5);
    fwrite($connection, "GET /product/$i HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: visitor number $i\r\n"
        . "Connection: close\r\nCookie: session=" . md5((string) $i) . "\r\n\r\n");
    $answered += str_contains(stream_get_contents($connection), '<h1>Product') ? 1 : 0;
    fclose($connection);
}
echo "$answered of $requests requests answered\n";
exit($answered === (int) $requests ? 0 : 1);
