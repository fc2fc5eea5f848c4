--TEST--
Bad input: a main function that exhausts memory_limit: the same error as without the hook, a readable log
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
register_shutdown_function(function () {
    echo 'shutdown ', error_get_last() ? 'after an error' : 'in peace', "\\n";
    $a = range(1, 1000);
});
function main(int $i): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 100_000);
    $temporary = [];
    for ($n = 0; $n < 1000; $n++) {
        $temporary[] = "item $n";
    }
}
for ($i = 0; ; $i++) {
    main($i);
}
PHP);
$log = ['apm.leak_log' => ini_get('apm.leak_log'), 'memory_limit' => '16M', 'display_errors' => '1', 'log_errors' => '0', 'html_errors' => '0'];
$off = php($script, ['apm.enable_malloc_hook' => '0'] + $log);
$on = php($script, ['apm.enable_malloc_hook' => '1'] + $log);
echo 'without the hook: ', $off[0], str_contains($off[1], 'Allowed memory size of 16777216 bytes exhausted') ? ' exhausted' : $off[1], "\n";
echo 'with it: ', $on === $off ? 'the same' : json_encode([$off, $on]), "\n";
$process = json_decode(trackerLeakReport('json'), true)['processes'][0] ?? ['loops' => 0, 'notes' => []];
$loops = $process['loops'];
echo 'loops: ', $loops > 50 ? 'those before' : $loops, "\n";
echo 'said of the last: ', str_contains($process['notes'][0] ?? '', '1 loop was interrupted') ? 'interrupted' : json_encode($process['notes']), "\n";
read_old_report(old_report());
--EXPECT--
without the hook: 255 exhausted
with it: the same
loops: those before
said of the last: interrupted
