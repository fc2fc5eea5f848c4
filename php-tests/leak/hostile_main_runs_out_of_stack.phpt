--TEST--
Bad input: a main function that recurses until memory_limit: the same error as without the hook
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
function deep(int $n): int
{
    return 1 + deep($n + 1);
}
function hooked(int $n): int
{
    trackerHookMalloc();
    return 1 + hooked($n + 1);
}
function main(int $i): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
    if ($i === 10) {
        global $argv;
        $argv[1](0);
    }
}
for ($i = 0; $i < 20; $i++) {
    main($i);
}
PHP);
$ini = ['memory_limit' => '32M', 'display_errors' => '1', 'log_errors' => '0', 'html_errors' => '0'];
foreach (['deep', 'hooked'] as $function) {
    $off = php([$script, $function], ['apm.enable_malloc_hook' => '0'] + $ini);
    $on = php([$script, $function], ['apm.enable_malloc_hook' => '1'] + $ini);
    echo "$function: ", $off[0], str_contains($off[1], 'exhausted') ? ' exhausted' : $off[1], ', with the hook ', $on === $off ? 'the same' : json_encode([$off, $on]), "\n";
}
--EXPECT--
deep: 255 exhausted, with the hook the same
hooked: 255 exhausted, with the hook the same
