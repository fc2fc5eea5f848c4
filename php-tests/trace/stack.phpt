--TEST--
trace_stack_depth: frames of the program with each span, none unless asked for; by the agent's wish, too
--INI--
apm.enable=0
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$script = <<<'PHP'
    class Store {
        function save(PDO $db) {
            $db->exec('CREATE TABLE IF NOT EXISTS t (a)');
        }
    }
    $db = new PDO('sqlite::memory:');
    foreach ([1, 2] as $round) {
        (new Store())->save($db);
        usleep(WAIT);
    }
    PHP;
foreach ([[[], 0, 0], [[], 2, 0], [[], 64, 0], [['--stack', '1'], 0, 1500000]] as [$options, $depth, $wait]) {
    $receiver = new Receiver(...$options);
    echo $receiver->run("const WAIT = $wait;" . $script, [], ['apm.trace_stack_depth' => $depth]);
    $last = [];
    foreach ($receiver->spans() as $span) {
        str_starts_with($span['name'], 'CREATE') and $last = $span['stack'];
    }
    $frames = array_map(fn ($f) => preg_replace('~.*/traced\.\d+~', 'traced', $f['file']) . ":$f[line] $f[function]", $last);
    echo count($frames), ' frames: ', implode(' < ', $frames), "\n";
}
--EXPECT--
0 frames: 
2 frames: :0 PDO::exec < traced.php:4 Store::save
3 frames: :0 PDO::exec < traced.php:4 Store::save < traced.php:9 {main}
1 frames: :0 PDO::exec
