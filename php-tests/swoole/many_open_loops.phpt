--TEST--
Thousands of loops open at a time: each costs what it costs alone
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

$script = temp_file(<<<'PHP'
<?php
Co::set(['max_coroutine' => 10_000, 'hook_flags' => 0]);
function main($file): void
{
    trackerHookMalloc();
    for ($i = 0; $i < 20; $i++) {
        rewind($file);
        fgets($file); // may wait, for all that we know
    }
    Co::sleep(1);
}
$before = getrusage();
$file = fopen(__FILE__, 'r');
Co\run(function () use ($argv, $file): void {
    for ($i = 0; $i < (int) $argv[1]; $i++) {
        go('main', $file);
    }
});
$after = getrusage();
// Both parts: which is which the kernel only guesses, at its clock's ticks, of
// which so short a run sees a few. Their sum is exact.
$cpu = fn(array $usage): float => ($usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']) * 1e6
    + $usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec'];
echo $cpu($after) - $cpu($before);
PHP);

/** Least time on a CPU of three runs, microseconds. */
function cpu(string $script, int $loops): float
{
    $log = ['apm.leak_log' => ini_get('apm.leak_log') . ".$loops", 'memory_limit' => '-1'];
    $times = [];
    for ($run = 0; $run < 3; $run++) {
        [, $out, $err] = php([$script, (string) $loops], $log);
        is_numeric($out) || print("$out$err\n");
        $times[] = (float) $out;
    }
    echo "$loops loops: ", json_decode(trackerLeakReport('json', $log['apm.leak_log']), true)['processes'][2]['loops'] ?? 'not three times', " recorded\n";
    return min($times);
}

// Four times as many take 4.2 times the time. Two thirds of that are the kernel's,
// for the coroutines' stacks: were the rest to grow with the square, it were 8.
$ratio = cpu($script, 8000) / cpu($script, 2000);
echo $ratio < 6 ? 'in proportion' : "$ratio times the time for 4 times the loops", "\n";
--EXPECT--
8000 loops: 7999 recorded
2000 loops: 1999 recorded
in proportion
