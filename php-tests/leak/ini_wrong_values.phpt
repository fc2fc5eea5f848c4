--TEST--
Settings: a wrong value gets a warning that names it, and the script runs
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

foreach ([
    ['apm.leak_scope', 'sometimes'],
    ['tracker.leak_scope', 'never'],
    ['apm.holder_budget_ms', 'fast'],
    ['apm.holder_budget_ms', '-5'],
    ['apm.sampling_rate', '200'],
] as [$name, $value]) {
    [$status, $out, $err] = php(['-d', 'display_errors=stderr', '-r', 'function m($i) { trackerHookMalloc(); } m(0); m(1); echo "runs";'], [$name => $value]);
    $text = $out . $err;
    echo "$name=$value: ", $status, ' ', str_contains($out, 'runs') ? 'runs' : $out, ', ',
        str_contains($text, substr(strrchr($name, '.'), 1)) && str_contains($text, $value) ? 'named' : 'no warning: ' . json_encode($text), "\n";
}
--EXPECT--
apm.leak_scope=sometimes: 0 runs, named
tracker.leak_scope=never: 0 runs, named
apm.holder_budget_ms=fast: 0 runs, named
apm.holder_budget_ms=-5: 0 runs, named
apm.sampling_rate=200: 0 runs, named
