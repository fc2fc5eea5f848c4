<?php
// Loaded and off, and tracing on where nothing is instrumented: no function call
// may cost more. Start-up and shutdown, measured with an empty script, are subtracted.

$startWithout = instructions([...$without, script('empty.php')]);
$startOff = instructions([...$off, script('empty.php')]);
$startTraced = instructions([...$traced, script('empty.php')]);
$scripts = [
    'fib.php' => ['fib(24)', 'user calls, fib(24)', 1.01],
    'internal.php' => ['abs() and min() in a loop', 'internal calls, abs() and min()', 1.01],
    'mixed.php' => ['mixed script', 'mixed script', null],
];
foreach ($scripts as $script => [$name, $tracedName, $budget]) {
    $base = instructions([...$without, script($script)]) - $startWithout;
    $table->row("off (enable=0), $name", 'instructions', $base, instructions([...$off, script($script)]) - $startOff, 1.0005);
    $table->row("tracing on, $tracedName", 'instructions', $base, instructions([...$traced, script($script)]) - $startTraced, $budget);
}
$table->row('off (enable=0), start-up itself', 'instructions', $startWithout, $startOff, null);
$table->row('tracing on, start-up itself', 'instructions', $startWithout, $startTraced, null);
