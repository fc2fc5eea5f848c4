<?php
// What one command costs: instructions, time, memory.

/** Runs of each command where time is measured: odd, so that a median is a run. */
const RUNS = 25;

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
    return medians(RUNS, array_map(fn($command) => fn() => measure($command, '/dev/null')['cpu_ms'], $commands));
}

/** Calls each in turn, $runs times; the median of what each gave. */
function medians(int $runs, array $each): array
{
    $figures = [];
    for ($i = 0; $i < $runs; $i++) {
        foreach ($each as $which => $run) {
            $figures[$which][] = $run();
        }
    }
    return array_map('median', $figures);
}

function median(array $list): int|float
{
    sort($list);
    return $list[intdiv(count($list), 2)];
}

/** What one command prints. */
function output(array $command): string
{
    $process = proc_open($command, [1 => ['pipe', 'w'], 2 => STDERR], $pipes);
    $said = stream_get_contents($pipes[1]);
    if (proc_close($process) !== 0) {
        fail(implode(' ', $command), $said);
    }
    return $said;
}

/** What one command took. A process of its own asks, so that "children" are that one. */
function measure(array $command, string $output): array
{
    $process = proc_open(
        [PHP_BINARY, '-n', dirname(__DIR__) . '/run.php', '--measure', $output, ...$command],
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

function script(string $file): string
{
    return dirname(__DIR__) . "/script/$file";
}

function fail(string $command, string $said): never
{
    fwrite(STDERR, "failed: $command\n$said\n");
    exit(2);
}
