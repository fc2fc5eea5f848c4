--TEST--
The cycle collector runs as without the hook as long as no loop ends
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

// A loop end collects cycles; inside of a loop nothing may differ. The first call
// installs the hook, the others are loops.
$script = temp_file(<<<'PHP'
<?php
function main(): array
{
    trackerHookMalloc();
    $before = gc_status();
    $status = [];
    for ($i = 0; $i < 30000; $i++) {
        $a = new stdClass();
        $a->self = $a;
        if ($i % 5000 === 0) {
            $now = gc_status();
            $status[] = [$now['runs'] - $before['runs'], $now['collected'] - $before['collected'], $now['threshold'], $now['roots']];
        }
    }
    return $status;
}
$all = [];
for ($i = 0; $i < 5; $i++) {
    $all[] = main();
    gc_collect_cycles(); // as the end of a loop does
}
$loops = json_decode(trackerLeakReport('json'), true)['processes'][0]['loops'] ?? 0;
echo json_encode(['loops' => $loops, 'same' => [$all, gc_enabled()]]);
PHP);
$off = json_decode(php($script, ['apm.enable_malloc_hook' => '0'])[1], true);
$on = json_decode(php($script, ['apm.enable_malloc_hook' => '1'])[1], true);
$last = $off['same'][0][4][5];
echo "loops without the hook: {$off['loops']}, with it: {$on['loops']}\n";
echo $last[0] > 0 && $last[1] > 0 ? 'the collector ran in every loop' : json_encode($last), "\n";
echo $on['same'] === $off['same'] ? 'same' : json_encode([$off, $on]), "\n";
--EXPECT--
loops without the hook: 0, with it: 4
the collector ran in every loop
same
