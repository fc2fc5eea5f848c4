--TEST--
What the hook takes: half the size of the heap, and 64 to 128 bytes for each line and loop of which something is alive
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

// Three lines leak in each of 50,000 loops, in blocks so small that the books are
// the larger part; others come and go.
$script = temp_file(<<<'PHP'
<?php
ini_set('memory_limit', '1G');
class Item
{
    public int $number = 0;
}
class Kept
{
    public static array $names = [];
    public static array $items = [];
    public static array $lists = [];
}
function main(int $i): void
{
    trackerHookMalloc();
    $words = explode(' ', "this is loop $i of many");
    $text = implode(',', $words);
    Kept::$names[] = $text . $i;
    Kept::$items[] = new Item();
    Kept::$lists[] = [$i];
    $gone = array_map(fn (string $word) => strrev($word), $words);
}
const LOOPS = 50000;
for ($i = 0; $i < LOOPS; $i++) {
    main($i);
}
[, $resident, $shared] = explode(' ', file_get_contents('/proc/self/statm'));
echo json_encode(['own' => ($resident - $shared) * 4096, 'heap' => memory_get_usage(true)]);
PHP);
// Without verdicts to write there is less to do; the books are the same.
$off = json_decode(php($script, ['apm.enable_malloc_hook' => '0'])[1], true);
$on = json_decode(php($script, ['apm.enable_malloc_hook' => '1', 'apm.holder_budget_ms' => '0'])[1], true);
$more = $on['own'] - $off['own'];
$books = 3 * 50000 * 64;
$most = $on['heap'] / 2 + 2 * $books + (4 << 20);
echo $on['heap'] === $off['heap'] ? 'the heap is as without it' : json_encode([$off, $on]), "\n";
echo $more > $books / 2 ? 'there are books' : "only $more bytes", "\n";
echo $more <= $most ? 'and no more than is said' : sprintf('%d bytes more, %d at most', $more, $most), "\n";
--EXPECT--
the heap is as without it
there are books
and no more than is said
