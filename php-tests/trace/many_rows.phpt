--TEST--
More interfaces than there are rows: the rest is counted in one, and records stay small
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    $db = new PDO('sqlite::memory:', null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT]);
    for ($i = 0; $i < 3000; $i++) {
        $db->query("SELECT * FROM table$i");
    }
    // Statistics go after a second: the large segment of the end is not in their way.
    usleep(1300000);
    PHP);
$records = array_map(fn ($s) => $s['rows'], $receiver->of('stats'));
// The script's own row leaves at its end, if there is time.
$rows = array_filter(array_merge(...$records), fn ($r) => $r['span_kind'] === 3);
$of = fn ($field, $rows) => array_sum(array_column($rows, $field));
echo max(array_map('count', $records)) <= 250 ? 'small' : 'large', " records\n";
echo $of('calls', $rows), " calls, ", $of('errors', $rows), " errors\n";
$others = array_filter($rows, fn ($r) => $r['endpoint'] === '(other)');
echo $of('calls', $others) >= 1000 ? 'some' : 'none', " of them in rows for all others\n";
--EXPECT--
small records
3001 calls, 3000 errors
some of them in rows for all others
