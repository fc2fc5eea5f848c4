--TEST--
RedisCluster against three real servers, Redis against one; texts of commands without their data
--INI--
apm.enable=0
--SKIPIF--
<?php
$needs = ['redis', 'igbinary'];
require __DIR__ . '/skip.inc';
foreach (['redis-server', 'redis-cli'] as $program) {
    trim((string) shell_exec("command -v $program")) or die("skip no $program");
}
--FILE--
<?php
require __DIR__ . '/helper.inc';
require __DIR__ . '/servers.inc';
$ports = [];
$servers = [];
for ($i = 0; $i < 3; $i++) {
    // Nodes talk to each other at a second port.
    [$port, $bus] = [free_port(), free_port()];
    $ports[] = $port;
    $servers[] = new Server(['redis-server', '--bind', '127.0.0.1', '--port', (string) $port, '--cluster-enabled', 'yes',
        '--cluster-port', (string) $bus, '--save', '', '--daemonize', 'no'], $port);
}
$places = array_map(fn ($port) => "127.0.0.1:$port", $ports);
exec('timeout 60 redis-cli --cluster create ' . implode(' ', $places) . ' --cluster-yes 2>&1', $said, $status);
$status === 0 or die(implode("\n", $said));
// Each of them must have heard that the cluster is complete.
foreach ($ports as $port) {
    for ($until = microtime(true) + 20; !str_contains((string) shell_exec("redis-cli -p $port cluster info"), 'cluster_state:ok'); usleep(50000)) {
        microtime(true) < $until or die("the cluster does not come up\n");
    }
}
$alone = free_port();
$servers[] = new Server(['redis-server', '--bind', '127.0.0.1', '--port', (string) $alone, '--save', '', '--daemonize', 'no'], $alone);
$receiver = new Receiver();
$receiver->modules = ['igbinary', 'redis'];
echo $receiver->run("const ALONE = $alone;" . '$places = ' . var_export($places, true) . ';' . <<<'PHP'
    $cluster = new RedisCluster(null, $places, 5, 5);
    $found = 0;
    for ($i = 0; $i < 12; $i++) {
        $cluster->set("user:$i:name", "secret $i");
        $found += $cluster->get("user:$i:name") === "secret $i";
    }
    echo "$found found\n";
    $cluster->hMset('{cart}:7', ['a' => 'secret', 'b' => 'secret']);
    $cluster->mget(['{t}1', '{t}2']);
    $cluster->lPush('{cart}:7', 'secret');
    $cluster->eval('secret', ['k'], 1);
    try {
        new RedisCluster(null, ['127.0.0.1:1']);
    } catch (RedisClusterException $e) {
        echo get_class($e), "\n";
    }
    $one = new Redis();
    $one->connect('127.0.0.1', ALONE);
    $one->ping();
    $one->mset(['a:1' => 'secret', 'b' => 'secret']);
    $one->hMset('{cart}:7', [5 => 'secret']);
    $one->set('{cart}:8', 'secret', ['nx', 'ex' => 10]);
    $one->rawCommand('GETSET', 'x:12', 'secret');
    $one->del(['a:1', 'b']);
    $one->del('a:1', 'b');
    PHP);
$spans = array_slice($receiver->spans(), 0, -1);
$seen = [];
foreach ($spans as $span) {
    $line = str_replace([...$places, (string) $alone], ['A', 'B', 'C', 'ALONE'], line($span, 'db.system.name', 'db.query.text', 'server.address') . " $span[peer]");
    $seen[$line] = ($seen[$line] ?? 0) + 1;
}
foreach ($seen as $line => $count) {
    echo "$count x $line\n";
}
foreach ($spans as $span) {
    unset($span['message'], $span['events']);
    str_contains(json_encode($span), 'secret') and print "secret sent: $span[name]\n";
}
--EXPECT--
12 found
RedisClusterException
1 x Client connect Unset db.system.name="redis" db.query.text=null server.address=null A,B,C
12 x Client SET Unset db.system.name="redis" db.query.text="SET user:?:name ?" server.address=null A,B,C
12 x Client GET Unset db.system.name="redis" db.query.text="GET user:?:name" server.address=null A,B,C
1 x Client HMSET Unset db.system.name="redis" db.query.text="HMSET {cart}:? a ? b ?" server.address=null A,B,C
1 x Client MGET Unset db.system.name="redis" db.query.text="MGET {t}? {t}?" server.address=null A,B,C
1 x Client LPUSH Unset db.system.name="redis" db.query.text="LPUSH {cart}:? ?" server.address=null A,B,C
1 x Client EVAL Unset db.system.name="redis" db.query.text="EVAL ? ? ?" server.address=null A,B,C
1 x Client connect Error db.system.name="redis" db.query.text=null server.address="127.0.0.1" 127.0.0.1:1
1 x Client connect Unset db.system.name="redis" db.query.text=null server.address="127.0.0.1" 127.0.0.1:ALONE
1 x Client PING Unset db.system.name="redis" db.query.text="PING" server.address="127.0.0.1" 127.0.0.1:ALONE
1 x Client MSET Unset db.system.name="redis" db.query.text="MSET a:? ? b ?" server.address="127.0.0.1" 127.0.0.1:ALONE
1 x Client HMSET Unset db.system.name="redis" db.query.text="HMSET {cart}:? ? ?" server.address="127.0.0.1" 127.0.0.1:ALONE
1 x Client SET Unset db.system.name="redis" db.query.text="SET {cart}:? ? ? ? ?" server.address="127.0.0.1" 127.0.0.1:ALONE
1 x Client GETSET Unset db.system.name="redis" db.query.text="GETSET x:? ?" server.address="127.0.0.1" 127.0.0.1:ALONE
2 x Client DEL Unset db.system.name="redis" db.query.text="DEL a:? b" server.address="127.0.0.1" 127.0.0.1:ALONE
