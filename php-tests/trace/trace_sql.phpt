--TEST--
trace_sql=1 sends SQL with its literals, 0 without
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
foreach ([0, 1] as $literals) {
    $receiver = new Receiver();
    $receiver->run(<<<'PHP'
        $db = new PDO('sqlite::memory:');
        $db->query("SELECT 'secret', 42")->fetchAll();
        $db->prepare("SELECT 'secret' || ?")->execute(['bound']);
        PHP, settings: ['apm.trace_sql' => $literals]);
    echo "trace_sql=$literals\n";
    foreach ($receiver->spans() as $span) {
        if (str_starts_with($span['name'], 'SELECT')) {
            echo line($span, 'db.query.text'), "\n";
        }
    }
    $all = json_encode($receiver->records);
    echo 'literal: ', str_contains($all, 'secret') ? 'sent' : 'not sent', ', bound value: ', str_contains($all, 'bound') ? 'sent' : 'not sent', "\n";
}
--EXPECT--
trace_sql=0
Client SELECT Unset db.query.text="SELECT ?"
Client SELECT Unset db.query.text="SELECT ? || ?"
literal: not sent, bound value: not sent
trace_sql=1
Client SELECT Unset db.query.text="SELECT 'secret', 42"
Client SELECT Unset db.query.text="SELECT 'secret' || ?"
literal: sent, bound value: not sent
