--TEST--
Case 29: a script passes at the same memory_limit with and without the hook
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

// 5 MB of small blocks are freed before 4.8 MB of another size come: passes at
// a low limit only if the heap may collect its free pages first.
$script = temp_file(<<<'PHP'
<?php
function run(): void
{
    if (function_exists('trackerHookMalloc')) {
        trackerHookMalloc();
    }
    $a = [];
    for ($i = 0; $i < 16000; $i++) {
        $a[] = str_repeat(chr($i), 280);
    }
    $a = null;
    $b = [];
    for ($i = 0; $i < 7800; $i++) {
        $b[] = str_repeat(chr($i), 600);
    }
}
run();
run();
run();
echo 'done';
PHP);

foreach (['4M', '6M', '7M', '8M', '9M', '10M', '12M', '16M'] as $limit) {
    $results = [];
    foreach ([['plain', '0', false], ['off', '0', true], ['on', '1', true]] as [$name, $hook, $extension]) {
        [$status, $out, $err] = php($script, ['memory_limit' => $limit] + ($extension ? ['apm.enable_malloc_hook' => $hook] : []), $extension);
        $results[$name] = $status === 0 && $out === 'done' ? 'passes' : (str_contains($out . $err, 'Allowed memory size') ? 'exhausted' : "status $status: $out$err");
        $points[$name][$limit] = preg_match('/tried to allocate \d+ bytes\) in .+ on line \d+/', $out . $err, $m) ? $m[0] : '';
    }
    $verdicts[$limit] = $results['plain'];
    if (count(array_unique($results)) > 1) {
        echo "$limit: ", json_encode($results), "\n";
    }
}
echo 'limits that pass and limits that do not: ', count(array_unique($verdicts)) === 2 ? 'both seen' : json_encode($verdicts), "\n";
echo 'exhausted at the same allocation: ', $points['plain'] === $points['off'] && $points['plain'] === $points['on'] ? 'yes' : json_encode($points, JSON_PRETTY_PRINT), "\n";
--EXPECT--
limits that pass and limits that do not: both seen
exhausted at the same allocation: yes
