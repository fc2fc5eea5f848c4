--TEST--
A Swoole script that ends without Event::wait(): the loops that its event loop then runs are recorded
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

$main = <<<'PHP'
<?php
function handle(): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = random_bytes(1000); // LEAK
    Co::sleep(0.001);
}

PHP;
$programs = [
    'coroutine' => 'go(function (): void { for ($i = 0; $i < 40; $i++) { go("handle"); Co::sleep(0.002); } echo "served"; });',
    'timer' => 'Swoole\Timer::tick(2, function (int $id): void { static $n = 0; if ($n++ < 40) { go("handle"); } else { Swoole\Timer::clear($id); echo "served"; } });',
];
foreach ($programs as $name => $program) {
    $script = temp_file($main . $program);
    $log = sys_get_temp_dir() . "/trackerleak.$name." . getmypid() . '.log';
    [$status, $out, $err] = php($script, ['apm.leak_log' => $log, 'error_reporting' => (string) (E_ALL & ~E_DEPRECATED)]);
    $process = json_decode(trackerLeakReport('json', $log), true)['processes'][0] ?? ['loops' => 0, 'sites' => []];
    echo "$name: status $status, $out$err, $process[loops] loops, ",
        grows($process) === marked('LEAK', $script) ? 'the line grows' : json_encode($process['sites']), "\n";
    array_map('unlink', glob("$log*"));
}
--EXPECT--
coroutine: status 0, served, 39 loops, the line grows
timer: status 0, served, 39 loops, the line grows
