--TEST--
What the agent's socket has no room for when a script ends is lost, and counted: nothing is lost in silence, and PHP does not wait
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/helper.inc';
const CALLS = 8000;
$receiver = new Receiver();
$receiver->pause(true);
$script = <<<'PHP'
    $db = new PDO('sqlite::memory:');
    $db->exec('CREATE TABLE t (a)');
    for ($i = 2; $i < COUNT; $i++) {
        $db->exec('INSERT INTO t VALUES (1)');
    }
    PHP;
echo $receiver->run(str_replace('COUNT', (string) CALLS, $script));
$receiver->pause(false);
// The script is gone: only what it left in the sockets arrives.
usleep(300000);
$segments = count($receiver->of('segment'));
$calls = 0;
foreach ($receiver->of('stats') as $bucket) {
    $calls += array_sum(array_column($bucket['rows'], 'calls'));
}
$lost = [];
foreach ($receiver->of('drops') as $drops) {
    foreach ($drops['reasons'] as $reason => $count) {
        $lost[$reason] = ($lost[$reason] ?? 0) + $count;
    }
}
echo 'segments: ', $segments + ($lost['exit'] ?? 0), ' of 1, ', $lost['exit'] ?? 0, " told as lost\n";
echo 'calls: ', $calls + ($lost['stats_calls'] ?? 0), ' of ', CALLS + 1, "\n";
--EXPECT--
segments: 1 of 1, 1 told as lost
calls: 8001 of 8001
