--TEST--
mongodb against a stand-in for its server (no real MongoDB): commands, queries, writes, errors; no filter or document leaves the process
--INI--
apm.enable=0
--SKIPIF--
<?php $needs = ['mongodb']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
require __DIR__ . '/servers.inc';
$port = free_port();
$module = extension_loaded('mongodb') ? [] : ['-d', 'extension=mongodb'];
$server = new Server([PHP_BINARY, '-n', ...$module, __DIR__ . '/mongodb_server.inc', (string) $port], $port);
$receiver = new Receiver();
$receiver->modules = ['mongodb'];
echo $receiver->run("const PORT = $port;" . <<<'PHP'
    use MongoDB\Driver\{BulkWrite, Command, Manager, Query};
    $manager = new Manager('mongodb://127.0.0.1:' . PORT . '/?appname=secret');
    echo json_encode($manager->executeQuery('shop.users', new Query(['name' => 'secret']))->toArray()), "\n";
    $manager->executeCommand('admin', new Command(['ping' => 1]));
    $manager->executeReadCommand('shop', new Command((object) ['aggregate' => 'orders', 'pipeline' => [['$match' => ['a' => 'secret']]], 'cursor' => (object) []]));
    $manager->executeWriteCommand('shop', new Command(['drop' => 'old']));
    $manager->executeReadWriteCommand('shop', new Command(['createUser' => 'secret']));
    $write = new BulkWrite();
    $write->insert(['name' => 'secret']);
    $write->insert(['name' => 'secret']);
    $manager->executeBulkWrite('shop.users', $write);
    $write = new BulkWrite();
    $write->update(['a' => 1], ['$set' => ['a' => 'secret']]);
    $write->delete(['a' => 'secret']);
    // Through a server, as the library does.
    $server = $manager->selectServer();
    $server->executeBulkWrite('shop.users', $write);
    $server->executeQuery('shop.a.b', new Query([]));
    $server->executeCommand('shop', new Command(['count' => 'users']));
    try {
        $server->executeCommand('shop', new Command(['boom' => 'secret']));
    } catch (MongoDB\Driver\Exception\CommandException $e) {
        echo $e->getCode(), ' ', $e->getMessage(), "\n";
    }
    $none = new Manager('mongodb://user:secret@127.0.0.1:1/?serverSelectionTimeoutMS=100&serverSelectionTryOnce=true');
    try {
        $none->executeCommand('shop', new Command(['ping' => 1]));
    } catch (MongoDB\Driver\Exception\ConnectionTimeoutException) {
        echo "nobody there\n";
    }
    PHP);
foreach (array_slice($receiver->spans(), 0, -1) as $span) {
    echo str_replace((string) $port, 'PORT', line($span, 'db.namespace', 'db.collection.name', 'db.operation.name', 'db.response.status_code', 'server.address', 'server.port') . " $span[peer]"), "\n";
}
foreach ($receiver->spans() as $span) {
    unset($span['message'], $span['events']);
    str_contains(json_encode($span), 'secret') and print "secret sent: $span[name]\n";
}
--EXPECT--
[{"_id":1}]
59 no such command
nobody there
Client find users Unset db.namespace="shop" db.collection.name="users" db.operation.name="find" db.response.status_code=null server.address="127.0.0.1" server.port=PORT 127.0.0.1:PORT/shop
Client ping Unset db.namespace="admin" db.collection.name=null db.operation.name="ping" db.response.status_code=null server.address="127.0.0.1" server.port=PORT 127.0.0.1:PORT/admin
Client aggregate orders Unset db.namespace="shop" db.collection.name="orders" db.operation.name="aggregate" db.response.status_code=null server.address="127.0.0.1" server.port=PORT 127.0.0.1:PORT/shop
Client drop old Unset db.namespace="shop" db.collection.name="old" db.operation.name="drop" db.response.status_code=null server.address="127.0.0.1" server.port=PORT 127.0.0.1:PORT/shop
Client createUser Unset db.namespace="shop" db.collection.name=null db.operation.name="createUser" db.response.status_code=null server.address="127.0.0.1" server.port=PORT 127.0.0.1:PORT/shop
Client insert users Unset db.namespace="shop" db.collection.name="users" db.operation.name="insert" db.response.status_code=null server.address="127.0.0.1" server.port=PORT 127.0.0.1:PORT/shop
Client bulkWrite users Unset db.namespace="shop" db.collection.name="users" db.operation.name="bulkWrite" db.response.status_code=null server.address="127.0.0.1" server.port=PORT 127.0.0.1:PORT/shop
Client find a.b Unset db.namespace="shop" db.collection.name="a.b" db.operation.name="find" db.response.status_code=null server.address="127.0.0.1" server.port=PORT 127.0.0.1:PORT/shop
Client count users Unset db.namespace="shop" db.collection.name="users" db.operation.name="count" db.response.status_code=null server.address="127.0.0.1" server.port=PORT 127.0.0.1:PORT/shop
Client boom Error db.namespace="shop" db.collection.name=null db.operation.name="boom" db.response.status_code="59" server.address="127.0.0.1" server.port=PORT 127.0.0.1:PORT/shop
Client ping Error db.namespace="shop" db.collection.name=null db.operation.name="ping" db.response.status_code="13053" server.address="127.0.0.1" server.port=1 127.0.0.1:1/shop
