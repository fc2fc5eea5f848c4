--TEST--
Random trees of interleaved fibers: what arrives is what was drawn
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
require __DIR__ . '/random.inc';
$seed = (int) (getenv('SEED') ?: random_int(1, 1_000_000_000));
$requests = (int) (getenv('REQUESTS') ?: 150);
mt_srand($seed);
$draw = new Draw(['sql'], ['wait', 'outlive', 'cancel'], ['throw']);
$file = sys_get_temp_dir() . '/programs.' . getmypid() . '.json';
for ($programs = []; count($programs) < $requests;) {
    $programs[] = $draw->program();
}
file_put_contents($file, json_encode(['programs' => $programs, 'seed' => $seed]));
$receiver = new Receiver();
echo $receiver->run('$argv = [0, ' . var_export($file, true) . ']; require ' . var_export(__DIR__ . '/random_fibers.inc', true) . ';');
unlink($file);

$segments = $receiver->of('segment');
$doubled = $wrong = 0;
$byParent = Draw::byParent($segments, $doubled);
$root = $byParent['0000000000000000'] ?? [];
$expected = ['connect@-1'];
foreach ($programs as $program) {
    $inner = Draw::expected($program, -1, array_fill_keys(Draw::units($program), -1), 'fiber');
    $inner && $expected[] = 'fiber@-1' . Draw::braces($inner);
}
$received = Draw::received($byParent, $root[0]['span_id'] ?? '');
$wrong = Draw::compare($expected, $received);
echo count($root), ' root, ', count($receiver->of('drops')), ' drops, ', $doubled, " doubled\n";
echo 'PHP ', PHP_VERSION, ", seed $seed: $requests requests, ", count($receiver->spans()), " spans, $wrong wrong trees\n";
--EXPECTF--
done
1 root, 0 drops, 0 doubled
PHP %s, seed %d: %d requests, %d spans, 0 wrong trees
