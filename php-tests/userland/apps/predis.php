<?php
// Predis, and a child that answers +OK to every command.
require 'Predis/autoload.php';
$server = stream_socket_server('tcp://127.0.0.1:0');
$address = stream_socket_get_name($server, false);
$child = pcntl_fork();
if ($child === 0) {
    $connection = stream_socket_accept($server, 5);
    stream_set_timeout($connection, 5);
    while (is_string($line = fgets($connection)) && $line[0] === '*') {
        for ($i = 2 * (int) substr($line, 1), $command = []; $i > 0; $i--) {
            $command[] = fgets($connection);
        }
        fwrite($connection, $command[1] === "FAIL\r\n" ? "-ERR no such command\r\n" : "+OK\r\n");
    }
    exit;
}
[$host, $port] = explode(':', $address);
$client = new Predis\Client(['host' => $host, 'port' => $port, 'database' => null]);
echo $client->set('key', 'secret'), "\n";
echo $client->executeRaw(['PING', 'x']), "\n";
echo count($client->pipeline(function ($pipe) { $pipe->set('a', 1); $pipe->set('b', 2); })), "\n";
try {
    $client->undefinedcommand();
} catch (Predis\ClientException $e) {
    echo get_class($e), "\n";
}
$client->disconnect();
pcntl_waitpid($child, $status);
