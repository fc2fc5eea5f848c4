--TEST--
A forked child sends nothing of its parent, and the parent everything once
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/skip.inc'; function_exists('pcntl_fork') or die('skip no pcntl');
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    $db = new PDO('sqlite::memory:');
    for ($i = 0; $i < 5; $i++) {
        $db->exec("CREATE TABLE t$i (a)");
        if (!pcntl_fork()) {
            exit(0);
        }
        pcntl_wait($status);
    }
    PHP);
echo count($receiver->of('segment')), " segment\n";
echo count($receiver->spans()), " spans\n";
echo array_sum(array_map(fn ($s) => array_sum(array_column($s['rows'], 'calls')), $receiver->of('stats'))), " calls\n";
--EXPECT--
1 segment
7 spans
7 calls
