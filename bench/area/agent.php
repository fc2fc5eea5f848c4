<?php
// The agent: from socket to disk, statistics included; its memory; a trace by its id.

/** CPU seconds of a process, user and system; ticks of 1/100 s. */
function cpuSeconds(int $pid): float
{
    $fields = explode(' ', preg_replace('/^.*\) /', '', file_get_contents("/proc/$pid/stat")));
    return ((int) $fields[11] + (int) $fields[12]) / 100;
}

/** A figure of the load generator, or of the benchmark of the store. */
function figure(string $said, string $pattern): float
{
    return preg_match($pattern, $said, $match) ? (float) $match[1] : fail($pattern, $said);
}

$seconds = (float) (getenv('BENCH_SECONDS') ?: 5);
[$socket, $pid] = Servers::agent('agent-load');
$said = output([$loadgen, $socket, "seconds=$seconds"]);
$spans = figure($said, '/^segments \d+ spans (\d+)/m');
$table->row('agent, spans/s acknowledged, loader beside it', 'spans/s', null, figure($said, '/spans_per_s (\d+)/'), null);
// What was acknowledged may still wait in the journal: until the agent rests, at most a minute.
for ($i = 0, $used = -1.0; $i < 60 && cpuSeconds($pid) - $used > 0.05; $i++) {
    $used = cpuSeconds($pid);
    sleep(1);
}
$table->atLeast('agent, spans per second of its CPU, socket to disk', 'spans/s', null, $spans / max(0.01, cpuSeconds($pid)), 150_000);
Servers::stop('agent-load');

[$socket, $pid] = Servers::agent('agent-rate');
// 40 batches of 50 segments of 10 spans: 20,000 spans a second.
output([$loadgen, $socket, 'seconds=' . 2 * $seconds, 'rate=40']);
preg_match('/VmHWM:\s+(\d+)/', file_get_contents("/proc/$pid/status"), $match);
$table->row('agent at 20,000 spans/s, peak RSS', 'MB', null, $match[1] / 1024, 120);
Servers::stop('agent-rate');

$stored = (int) (getenv('BENCH_SPANS') ?: 1_000_000);
$said = output(['cargo', 'bench', '--quiet', '--locked', '-p', 'tracker-agent', '--bench', 'store', '--', (string) $stored]);
$name = 'agent, store of ' . number_format($stored) . ' spans';
$table->atLeast("$name, one thread", 'spans/s', null, figure($said, '/^spans per second\s+(\d+)/m'), 150_000);
$table->row("$name, trace by id, p99", 'ms', null, figure($said, '/^trace by id p99 ms\s+([\d.]+)/m'), 20);
$hours = figure($said, '/^partitions\s+(\d+)/m');
$table->row("$name, a trace that is not there, p99, $hours files", 'ms', null, figure($said, '/^unknown trace p99 ms\s+([\d.]+)/m'), 20);
