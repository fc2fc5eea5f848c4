--TEST--
A search that the budget stopped says so, and comes to its end with a larger one
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
memory_limit=1G
--FILE--
<?php
require __DIR__ . '/holders.inc';

// What leaks hangs behind half a million arrays, all of which are nearer to a root.
$script = temp_file("<?php\nrequire '" . __DIR__ . "/holders.inc';\n" . <<<'PHP'
class Registry
{
    public static array $large = [];
    public static object $last;
}

function main(int $i): void
{
    trackerHookMalloc();
    Registry::$last->a->b->c->d[] = random_bytes(500); // LEAK
}

Registry::$last = (object) ['a' => (object) ['b' => (object) ['c' => (object) ['d' => []]]]];
for ($n = 0; $n < 500000; $n++) {
    Registry::$large[] = [$n];
}
show_holders('main');
PHP);
foreach ([1, 10000] as $milliseconds) {
    [, $out, $err] = php($script, ['apm.holder_budget_ms' => (string) $milliseconds]);
    echo "$milliseconds ms: ", preg_replace('/at \d+ nodes/', 'at N nodes', $out), $err;
}
--EXPECT--
1 ms: unknown: search stopped at N nodes (incomplete)
10000 ms: static: Registry::$last->a->b->c->d[*] (string, array of N elements)
static: Registry::$last->a->b->c->d (array, N elements)
