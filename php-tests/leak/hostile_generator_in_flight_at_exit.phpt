--TEST--
Bad input: main functions in suspended fibers and generators when the script ends
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
function main(int $i): void
{
    trackerHookMalloc();
    $data = random_bytes(1000);
    try {
        Fiber::suspend();
    } finally {
        $more = str_repeat($data, 2);
        echo 'x';
    }
}
function generator(int $i): Generator
{
    trackerHookMalloc();
    try {
        yield random_bytes(100);
    } finally {
        $more = range(0, $i);
        echo 'y';
    }
}
$kept = [];
for ($i = 0; $i < 20; $i++) {
    $kept[] = $fiber = new Fiber('main');
    $fiber->start($i);
    $kept[] = $generator = generator($i);
    $generator->current();
}
PHP);
$off = php($script, ['apm.enable_malloc_hook' => '0']);
$on = php($script, ['apm.enable_malloc_hook' => '1']);
echo $off[0], ' ', $off[1], ' ', $on === $off ? 'same' : json_encode($on), "\n";
--EXPECT--
0 xyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxy same
