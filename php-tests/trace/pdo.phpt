--TEST--
PDO: connections, statements, transactions, errors; no literal leaves the process
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    class Mine extends PDO {}
    $db = new Mine('sqlite::memory:');
    $db->exec('CREATE TABLE users (id INT, name TEXT)');
    $db->beginTransaction();
    $insert = $db->prepare("INSERT INTO users VALUES (?, 'secret')");
    $insert->execute([1]);
    $insert->execute([2]);
    $db->commit();
    echo count($db->query("SELECT * FROM users WHERE name = 'secret'")->fetchAll()), " rows\n";
    try {
        $db->query('SELECT 1 FROM nowhere');
    } catch (PDOException $e) {
        echo $e->getCode(), "\n";
    }
    try {
        $db->prepare("SELECT 2 FROM nowhere WHERE name = 'secret'");
    } catch (PDOException $e) {
        echo $e->getCode(), "\n";
    }
    PHP);
foreach ($receiver->spans() as $span) {
    echo line($span, 'db.query.text', 'db.response.status_code'), "\n";
}
echo 'secret seen: ', str_contains(json_encode($receiver->records), 'secret') ? 'yes' : 'no', "\n";
$parents = array_unique(array_column(array_slice($receiver->spans(), 0, -1), 'parent_span_id'));
$root = array_slice($receiver->spans(), -1)[0];
echo 'all in the script: ', $parents == [$root['span_id']] ? 'yes' : 'no', "\n";
$calls = [];
foreach ($receiver->of('stats') as $stats) {
    foreach ($stats['rows'] as $row) {
        $calls[$row['endpoint']] = ($calls[$row['endpoint']] ?? 0) + $row['calls'];
    }
}
echo 'inserts counted: ', $calls['INSERT users'], "\n";
--EXPECTF--
2 rows
HY000
HY000
Client connect Unset db.query.text=null db.response.status_code=null
Client CREATE users Unset db.query.text="CREATE TABLE users (id INT, name TEXT)" db.response.status_code=null
Client BEGIN Unset db.query.text=null db.response.status_code=null
Client INSERT users Unset db.query.text="INSERT INTO users VALUES (?)" db.response.status_code=null
Client INSERT users Unset db.query.text="INSERT INTO users VALUES (?)" db.response.status_code=null
Client COMMIT Unset db.query.text=null db.response.status_code=null
Client SELECT users Unset db.query.text="SELECT * FROM users WHERE name = ?" db.response.status_code=null
Client SELECT nowhere Error db.query.text="SELECT ? FROM nowhere" db.response.status_code="HY000"
Client SELECT nowhere Error db.query.text="SELECT ? FROM nowhere WHERE name = ?" db.response.status_code="HY000"
Internal traced.%d.php Unset db.query.text=null db.response.status_code=null
secret seen: no
all in the script: yes
inserts counted: 2
