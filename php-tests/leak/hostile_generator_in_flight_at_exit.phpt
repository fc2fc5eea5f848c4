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
    $data = random_bytes(1000); // FIBER
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
        yield random_bytes(100); // GENERATOR
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
$log = ['apm.leak_log' => ini_get('apm.leak_log')];
$off = php($script, ['apm.enable_malloc_hook' => '0'] + $log);
$on = php($script, ['apm.enable_malloc_hook' => '1'] + $log);
echo $off[0], ' ', $off[1], ' ', $on === $off ? 'same' : json_encode($on), "\n";
// The first call only installs the hook. Each generator is a loop of the main program, which ends with the next one's
// begin; each fiber after the first belongs to the loop in which it was started. The newest loop is not judged.
$process = json_decode(trackerLeakReport('json'), true)['processes'][0];
echo 'loops: ', $process['loops'], ', notes: ', json_encode($process['notes']), "\n";
$alive = [];
foreach ($process['sites'] as $site) {
    $alive[where($site['file'], $site['line'])] = $site['blocks'];
}
$place = fn (string $marker) => marked($marker, $script)[0];
echo 'alive: ', $alive[$place('FIBER')] ?? 0, ' of fibers, ', $alive[$place('GENERATOR')] ?? 0, " of generators\n";
read_old_report(old_report());
--EXPECT--
0 xyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxy same
loops: 20, notes: []
alive: 19 of fibers, 19 of generators
