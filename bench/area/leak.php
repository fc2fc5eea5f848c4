<?php
// The leak finder: the heap hook in its default configuration, calls inside a
// recording loop, the analysis of a large log.

$startWithout = instructions([...$without, script('empty.php')]);
$startOn = instructions([...$hooked, script('empty.php')]);
[$a, $b, $startA, $startB] = interleaved(
    [...$without, script('alloc.php')],
    [...$hooked, script('alloc.php')],
    [...$without, script('empty.php')],
    [...$hooked, script('empty.php')],
);
$table->row('hook on, allocation-heavy', 'ms CPU', $a - $startA, $b - $startB, 1.5);
$table->row(
    'hook on, allocation-heavy',
    'instructions',
    instructions([...$without, script('alloc.php')]) - $startWithout,
    instructions([...$hooked, script('alloc.php')]) - $startOn,
    null,
);

$fib = fn(array $command) => instructions([...$command, script('fib_loop.php'), '1'])
    - instructions([...$command, script('fib_loop.php'), '0']);
$table->row('fib(24) in a recording loop', 'instructions', $fib($off), $fib($hooked), 1.001);

if (is_file($log)) {
    $report = "$work/report.txt";
    $analysis = measure([...$off, '-d', 'memory_limit=128M', '-d', "apm.leak_log=$log", '-r', 'trackerAnalyzeLeak();'], $report);
    $name = sprintf('analysis of a log of %s MB', number_format(filesize($log) / 1e6));
    $table->row("$name, report of " . number_format(filesize($report) / 1e6) . ' MB', 's', null, $analysis['seconds'], 5);
    $table->row("$name, peak RSS", 'MB', null, $analysis['peak_kb'] / 1024, 256);
    if (filesize($report) === 0) {
        $table->fail('the analysis printed nothing');
    }
}
