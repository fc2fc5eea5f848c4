--TEST--
Settings: both prefixes exist, an explicit tracker. wins over apm.
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$log = ini_get('apm.leak_log');
function used(array $ini): string
{
    // Whether the hook is on is seen by whether a log appears.
    $log = temp_file('', '.trackerleak.log');
    unlink($log);
    foreach ($ini as $name => $value) {
        $settings[$name] = $value === 'LOG' ? $log : $value;
    }
    $out = php(['-r', 'function m($i) { trackerHookMalloc(); static $a = []; $a[] = str_repeat(chr($i), 99); } for ($i = 0; $i < 4; $i++) m($i);'], $settings);
    clearstatcache();
    $used = $out[1] . $out[2] . (is_file($log) && filesize($log) > 0 ? 'on' : 'off');
    array_map('unlink', glob("$log*"));
    return $used;
}

echo 'apm: ', used(['apm.leak_log' => 'LOG', 'apm.enable_malloc_hook' => '1']), "\n";
echo 'tracker: ', used(['tracker.leak_log' => 'LOG', 'apm.enable_malloc_hook' => '0', 'tracker.enable_malloc_hook' => '1']), "\n";
echo 'tracker wins: ', used(['apm.leak_log' => 'LOG', 'apm.enable_malloc_hook' => '1', 'tracker.enable_malloc_hook' => '0']), "\n";
echo 'tracker wins for the path: ', used(['apm.leak_log' => '/nonexistent/log', 'tracker.leak_log' => 'LOG', 'apm.enable_malloc_hook' => 'On']), "\n";
echo 'enable beside it: ', used(['apm.leak_log' => 'LOG', 'apm.enable_malloc_hook' => 'on', 'apm.enable' => '1']), "\n";
foreach (['enable', 'sampling_rate', 'enable_memcheck', 'enable_malloc_hook', 'leak_log', 'leak_ignore', 'leak_verdicts', 'leak_scope', 'holder_budget_ms', 'agent_host'] as $name) {
    if (ini_get("apm.$name") === false || ini_get("tracker.$name") === false) {
        echo "missing: $name\n";
    }
}
--EXPECT--
apm: on
tracker: on
tracker wins: off
tracker wins for the path: on
enable beside it: on
