--TEST--
Case 31: memory_get_peak_usage() at the end of a script is the same with the hook on and off
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
function run(int $i): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
    $temporary = range(0, 10000 + $i);
}
for ($i = 0; $i < 40; $i++) {
    run($i);
}
echo memory_get_peak_usage(), ' ', memory_get_peak_usage(true), ' ', memory_get_usage();
PHP);

// Only the setting differs. PHP keeps the -d settings in the heap at start-up:
// 0 and 1 are of the same length, so that this is the same, too.
$off = php($script, ['apm.enable_malloc_hook' => '0']);
$on = php($script, ['apm.enable_malloc_hook' => '1']);
echo 'on: ', $on === $off ? 'same' : json_encode([$off, $on]), "\n";
--EXPECT--
on: same
