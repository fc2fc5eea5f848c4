--TEST--
Swoole\Coroutine\Server: each packet that recv() returns is an entry, up to the next recv() or the end
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/../trace/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/../trace/helper.inc';
$receiver = new Receiver();
$receiver->modules = Receiver::SWOOLE;
echo $receiver->run(<<<'PHP'
    use Swoole\Coroutine\{Channel, Client, Server};
    // One call of a database, so named.
    function note(string $what) { (new PDO('sqlite::memory:'))->exec("CREATE TABLE $what (a)"); }
    Co\run(function () {
        $server = new Server('127.0.0.1', 0);
        $server->set(['open_eof_split' => true, 'package_eof' => "\n"]);
        $server->handle(function ($connection) {
            note('connected');
            while ($packet = trim($connection->recv())) {
                note($packet);
                // Swoole's own loop has a time-out that is no packet.
                $packet === 'first' and $connection->recv(0.01);
                $connection->send("got $packet\n");
                if ($packet === 'last') {
                    return;
                }
            }
            note('closed');
        });
        go(fn () => $server->start());
        foreach ([['first', 'second'], ["third", "last"]] as $packets) {
            $client = new Client(SWOOLE_SOCK_TCP);
            $client->set(['open_eof_split' => true, 'package_eof' => "\n"]);
            $client->connect('127.0.0.1', $server->port);
            foreach ($packets as $packet) {
                $client->send("$packet\n");
                echo $client->recv();
            }
            $client->close();
            Co::sleep(0.02);
        }
        $server->shutdown();
    });
    PHP);
foreach ($receiver->of('segment') as $segment) {
    $byId = array_column($segment['spans'], null, 'span_id');
    foreach ($segment['spans'] as $span) {
        if ($span['name'] !== 'connect') {
            echo line($span), " $span[system] < ", $byId[$span['parent_span_id']]['name'] ?? 'none', "\n";
        }
    }
    echo preg_replace('~\d+$~', 'PORT', str_replace(php_uname('n'), 'HOST', $segment['app'])), "\n";
}
$calls = [];
foreach ($receiver->of('stats') as $bucket) {
    foreach ($bucket['rows'] as $row) {
        $row['system'] === 'swoole' and $calls[] = "$row[calls] x $row[endpoint], $row[errors] errors\n";
    }
}
echo implode($calls);
--EXPECT--
got first
got second
got third
got last
Client CREATE first Unset sqlite < receive
Server receive Unset swoole < none
127.0.0.1(HOST):PORT
Client CREATE second Unset sqlite < receive
Server receive Unset swoole < none
127.0.0.1(HOST):PORT
Client CREATE third Unset sqlite < receive
Server receive Unset swoole < none
127.0.0.1(HOST):PORT
Client CREATE last Unset sqlite < receive
Server receive Unset swoole < none
127.0.0.1(HOST):PORT
4 x receive, 0 errors
