--TEST--
A script behaves the same with the hook on: backtraces, variables, arguments, destructors, exceptions
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
class Witness
{
    public function __construct(private string $name)
    {
    }

    public function __destruct()
    {
        $frames = array_map(fn (array $f) => ($f['class'] ?? '') . ($f['type'] ?? '') . $f['function'], debug_backtrace());
        echo "end of $this->name in ", implode(' < ', $frames), "\n";
    }
}

function main(int $i, ...$rest): mixed
{
    trackerHookMalloc();
    $first = new Witness("first $i");
    $second = new Witness("second $i");
    echo json_encode([func_get_args(), func_num_args(), array_keys(get_defined_vars()), $rest]), "\n";
    echo (new Exception('trace'))->getTraceAsString(), "\n";
    debug_print_backtrace();
    if ($i === 2) {
        throw new LogicException("from $i");
    }
    return $i === 3 ? $first : null;
}

function &reference(array &$array): int
{
    trackerHookMalloc();
    return $array[0];
}

function generator(): Generator
{
    trackerHookMalloc();
    try {
        $x = yield 1;
        yield $x => 2;
    } finally {
        echo "generator ends\n";
    }
    return 3;
}

for ($i = 0; $i < 5; $i++) {
    try {
        $kept = main($i, 'a', named: ['b' => $i]);
        echo get_debug_type($kept), "\n";
    } catch (LogicException $e) {
        echo $e->getMessage(), ' ', $e->getLine(), "\n";
    }
    unset($kept, $e);
}
$numbers = [1, 2];
$alias = &reference($numbers);
$alias = 7;
echo json_encode($numbers), "\n";
foreach ([1, 2] as $stop) {
    $generator = generator();
    echo $generator->current(), ' ';
    $stop === 2 && $generator->send('sent');
    echo json_encode([$generator->key(), $generator->current()]), "\n";
    unset($generator);
}
echo gc_collect_cycles(), ' ', json_encode(array_map('is_int', gc_status())), "\n";
array_map('main', [10, 11]);
usort($numbers, function (int $a, int $b): int {
    trackerHookMalloc();
    return $a <=> $b;
});
echo json_encode($numbers), "\n";
PHP);

$off = php($script, ['apm.enable_malloc_hook' => '0']);
$on = php($script, ['apm.enable_malloc_hook' => '1']);
echo 'status: ', $off[0], ', lines: ', substr_count($off[1], "\n") > 60 ? 'many' : $off[1], "\n";
if ($on === $off) {
    echo "same\n";
} else {
    foreach (explode("\n", $on[1] . $on[2]) as $n => $line) {
        $other = explode("\n", $off[1] . $off[2])[$n] ?? '';
        echo $line === $other ? '' : "off: $other\non:  $line\n";
    }
}
--EXPECT--
status: 0, lines: many
same
