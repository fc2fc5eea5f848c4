--TEST--
Case 30: gc_mem_caches() frees the same with and without the hook
--SKIPIF--
<?php if (ini_get('opcache.enable_cli')) die('skip opcache compiles and includes in its own way'); ?>
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
function run(): int
{
    if (function_exists('trackerHookMalloc')) {
        trackerHookMalloc();
    }
    $a = [];
    for ($i = 0; $i < 20000; $i++) {
        $a[] = str_repeat(chr($i), 10 + $i % 700);
    }
    $a = null;
    return gc_mem_caches();
}
echo run(), ' ', run(), ' ', run();
PHP);

$plain = php($script, [], false);
$off = php($script, ['apm.enable_malloc_hook' => '0']);
$on = php($script, ['apm.enable_malloc_hook' => '1']);
echo 'something is freed: ', array_sum(explode(' ', $plain[1])) > 0 ? 'yes' : json_encode($plain), "\n";
echo 'off: ', $off === $plain ? 'same' : json_encode([$plain, $off]), "\n";
echo 'on: ', $on === $plain ? 'same' : json_encode([$plain, $on]), "\n";
--EXPECT--
something is freed: yes
off: same
on: same
