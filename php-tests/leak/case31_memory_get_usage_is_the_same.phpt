--TEST--
Case 31: memory_get_usage() and its peak move by the same bytes with and without the hook
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
class Node
{
    public ?Node $next = null;
    public array $data = [];
}

function run(int $i): array
{
    if (function_exists('trackerHookMalloc')) {
        trackerHookMalloc();
    }
    $before = [memory_get_usage(), memory_get_usage(true)];
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000 * $i);
    $node = new Node();
    $node->data = range(1, 500 * $i);
    $text = '';
    for ($n = 0; $n < 3000; $n++) {
        $text .= "line $n\\n";
    }
    $closure = fn () => $node->data;
    $big = str_repeat('x', 3_000_000);
    unset($big);
    return [memory_get_usage() - $before[0], memory_get_usage(true) - $before[1]];
}

$deltas = [];
for ($i = 0; $i < 30; $i++) {
    $deltas[] = run($i);
}
gc_collect_cycles();
memory_reset_peak_usage();
$start = memory_get_usage();
$a = str_repeat('x', 1_000_000);
$deltas[] = memory_get_peak_usage() - $start;
unset($a);
$deltas[] = memory_get_usage() - $start;
echo json_encode($deltas);
PHP);

$plain = php($script, [], false);
$off = php($script, ['apm.enable_malloc_hook' => '0']);
$on = php($script, ['apm.enable_malloc_hook' => '1']);
echo 'measured: ', count(json_decode($plain[1], true) ?? []), "\n";
echo 'off: ', $off === $plain ? 'same' : json_encode([$plain, $off]), "\n";
echo 'on: ', $on === $plain ? 'same' : json_encode([$plain, $on]), "\n";
--EXPECT--
measured: 32
off: same
on: same
