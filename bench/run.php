<?php
// The measurements of bench/run.sh. Each row is a ratio of two figures of this
// run, or a figure with an absolute budget.
//
//   php -n run.php PHP EXTENSION LOG WORKDIR [--strict]

/** Runs of each command where time is measured: odd, so that a median is a run. */
const RUNS = 25;

if (($argv[1] ?? '') === '--measure') {
    measureChild(array_slice($argv, 2));
    exit;
}
[, $php, $extension, $log, $work] = $argv;
$strict = in_array('--strict', $argv, true);

// Where the hook is on, it is on as a user would have it: every other setting
// keeps its default, but for the log, which stays in the work folder. Start-up
// and shutdown, measured with an empty script, are subtracted on both sides.
$without = [$php, '-n'];
$off = [$php, '-n', '-d', "extension=$extension"];
$on = [...$off, '-d', 'apm.enable_malloc_hook=1', '-d', "apm.leak_log=$work/alloc.log"];

$rows = [];
printf("PHP %s, %s, %s\n", PHP_VERSION, cpu(), trim(shell_exec('valgrind --version')));

// 1. Loaded and off.
$startWithout = instructions([...$without, here('empty.php')]);
$startOff = instructions([...$off, here('empty.php')]);
foreach (['fib.php' => 'fib(24)', 'mixed.php' => 'mixed script'] as $script => $name) {
    $a = instructions([...$without, here($script)]) - $startWithout;
    $b = instructions([...$off, here($script)]) - $startOff;
    row("loaded and off, $name", 'instructions', $a, $b, 1.0005);
}
row('loaded and off, start-up itself', 'instructions', $startWithout, $startOff, null);

// 2. The heap hook, default configuration, allocation-heavy script.
$startOn = instructions([...$on, here('empty.php')]);
[$a, $b, $startA, $startB] = interleaved(
    [...$without, here('alloc.php')],
    [...$on, here('alloc.php')],
    [...$without, here('empty.php')],
    [...$on, here('empty.php')],
);
row('hook on, allocation-heavy', 'ms CPU', $a - $startA, $b - $startB, 1.5);
row(
    'hook on, allocation-heavy',
    'instructions',
    instructions([...$without, here('alloc.php')]) - $startWithout,
    instructions([...$on, here('alloc.php')]) - $startOn,
    null,
);

// 3. Calls inside a recording loop.
$fib = fn(array $command) => instructions([...$command, here('fib_loop.php'), '1'])
    - instructions([...$command, here('fib_loop.php'), '0']);
row('fib(24) in a recording loop', 'instructions', $fib($off), $fib($on), 1.001);

// 4. Analysis of a large log, printed into a file.
if (is_file($log)) {
    $report = "$work/report.txt";
    $analysis = measure([$php, '-n', '-d', 'memory_limit=128M', '-d', "extension=$extension",
        '-d', "apm.leak_log=$log", '-r', 'trackerAnalyzeLeak();'], $report);
    $name = sprintf('analysis of a log of %s MB', number_format(filesize($log) / 1e6));
    row("$name, report of " . number_format(filesize($report) / 1e6) . ' MB', 's', null, $analysis['seconds'], 5);
    row($name . ', peak RSS', 'MB', null, $analysis['peak_kb'] / 1024, 256);
    if (filesize($report) === 0) {
        fwrite(STDERR, "warning: the analysis printed nothing\n");
        $failed = true;
    }
}

echo table($rows);
exit($strict && (isset($failed) || in_array('FAIL', array_column($rows, 5), true)) ? 1 : 0);

/** One line of the table; without a base the figure itself has the budget. */
function row(string $what, string $unit, int|float|null $base, int|float $value, ?float $budget): void
{
    global $rows;
    $figure = $base === null ? $value : $value / $base;
    $rows[] = [
        $what,
        $unit,
        $base === null ? '' : number($base),
        number($value),
        ($base === null ? '' : sprintf('%.5f', $figure)),
        $budget === null ? '' : ($figure <= $budget ? 'PASS' : 'FAIL'),
        $budget === null ? '-' : "<= $budget",
    ];
}

function number(int|float $n): string
{
    return is_int($n) || $n >= 1000 ? number_format($n) : sprintf('%.2f', $n);
}

function table(array $rows): string
{
    $lines = [['what', 'unit', 'without', 'with', 'ratio', '', 'budget'], ...$rows];
    $widths = array_map(fn($column) => max(array_map('strlen', array_column($lines, $column))), array_keys($lines[0]));
    $text = '';
    foreach ($lines as $line) {
        foreach ($line as $column => $cell) {
            $text .= str_pad($cell, $widths[$column], ' ', $column >= 2 && $column <= 4 ? STR_PAD_LEFT : STR_PAD_RIGHT) . '  ';
        }
        $text = rtrim($text) . "\n";
    }
    return $text;
}

/** Instructions of one process, all of it, as callgrind counts them. */
function instructions(array $command): int
{
    global $work;
    $process = proc_open(
        ['valgrind', '--tool=callgrind', "--callgrind-out-file=$work/callgrind.out", ...$command],
        [1 => ['file', '/dev/null', 'w'], 2 => ['file', "$work/callgrind.log", 'w']],
        $pipes,
    );
    $status = proc_close($process);
    $said = file_get_contents("$work/callgrind.log");
    if ($status !== 0 || !preg_match('/Collected : (\d+)/', $said, $match)) {
        fail(implode(' ', $command), $said);
    }
    return (int) $match[1];
}

/** Medians of the CPU time of commands that are run in turn, in ms. */
function interleaved(array ...$commands): array
{
    $times = [];
    for ($i = 0; $i < RUNS; $i++) {
        foreach ($commands as $which => $command) {
            $times[$which][] = measure($command, '/dev/null')['cpu_ms'];
        }
    }
    return array_map(function (array $list) {
        sort($list);
        return $list[intdiv(count($list), 2)];
    }, $times);
}

/** What one command took. A process of its own asks, so that "children" are that one. */
function measure(array $command, string $output): array
{
    $process = proc_open(
        [PHP_BINARY, '-n', __FILE__, '--measure', $output, ...$command],
        [1 => ['pipe', 'w'], 2 => STDERR],
        $pipes,
    );
    $answer = json_decode(stream_get_contents($pipes[1]), true);
    if (proc_close($process) !== 0 || $answer === null || $answer['status'] !== 0) {
        fail(implode(' ', $command), '');
    }
    return $answer;
}

function measureChild(array $arguments): void
{
    $output = array_shift($arguments);
    $start = hrtime(true);
    $status = proc_close(proc_open($arguments, [1 => ['file', $output, 'w'], 2 => STDERR], $pipes));
    $seconds = (hrtime(true) - $start) / 1e9;
    $used = getrusage(1);
    echo json_encode([
        'status' => $status,
        'seconds' => $seconds,
        'cpu_ms' => ($used['ru_utime.tv_sec'] + $used['ru_stime.tv_sec']) * 1e3
            + ($used['ru_utime.tv_usec'] + $used['ru_stime.tv_usec']) / 1e3,
        'peak_kb' => $used['ru_maxrss'],
    ]);
}

function cpu(): string
{
    return preg_match('/^model name\s*:\s*(.*)/m', (string) @file_get_contents('/proc/cpuinfo'), $match) ? $match[1] : php_uname('m');
}

function here(string $file): string
{
    return __DIR__ . "/$file";
}

function fail(string $command, string $said): never
{
    fwrite(STDERR, "failed: $command\n$said\n");
    exit(2);
}
