--TEST--
Processes, tasks and messages: units of their own, nothing of the parent twice
--INI--
apm.enable=0
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/../trace/skip.inc';
--FILE--
<?php
require __DIR__ . '/../trace/helper.inc';
$show = function (Receiver $receiver): void {
    foreach ($receiver->of('segment') as $segment) {
        $spans = array_map(fn ($s) => preg_replace('~traced\.\d+~', 'traced', $s['name']) . (isset($s['attributes']['swoole.worker.id'])
            ? " from worker {$s['attributes']['swoole.worker.id']}" : '') . (isset($s['attributes']['swoole.task.id']) ? ' task' : ''), $segment['spans']);
        $lines[] = "$segment[unit]: " . implode(', ', $spans);
    }
    sort($lines);
    echo implode("\n", $lines), "\n";
    $traces = array_column($receiver->of('segment'), 'trace_id');
    echo count($traces), ' segments, ', count(array_unique($traces)), " traces\n";
};
$receiver = new Receiver();
$receiver->modules = Receiver::SWOOLE;
echo $receiver->run(<<<'PHP'
    $db = new PDO('sqlite::memory:');
    $db->exec('CREATE TABLE parent (a)');
    foreach ([false, true] as $coroutine) {
        $process = new Swoole\Process(function () use ($coroutine) {
            (new PDO('sqlite::memory:'))->exec('CREATE TABLE ' . ($coroutine ? 'coroutine' : 'plain') . ' (a)');
            $coroutine or exit(0);
        }, false, SOCK_DGRAM, $coroutine);
        $process->start();
        Swoole\Process::wait();
    }
    $db->exec('CREATE TABLE later (a)');
    PHP);
$show($receiver);

$receiver = new Receiver();
$receiver->modules = Receiver::SWOOLE;
echo $receiver->run(<<<'PHP'
    $server = new Swoole\Http\Server('127.0.0.1', 0, SWOOLE_PROCESS);
    $server->set(['worker_num' => 2, 'task_worker_num' => 1, 'log_level' => SWOOLE_LOG_ERROR,
        // The request may go to the worker that sends it.
        'hook_flags' => SWOOLE_HOOK_ALL]);
    $server->on('task', function ($server, $id, $from, $data) {
        (new PDO('sqlite::memory:'))->exec("CREATE TABLE $data (a)");
        return 'done';
    });
    $server->on('finish', fn () => null);
    $server->on('pipeMessage', fn ($server, $from, $data) => (new PDO('sqlite::memory:'))->exec("CREATE TABLE $data (a)"));
    $server->on('request', function ($request, $response) use ($server) {
        $server->task('task');
        $server->taskwait('taskwait');
        $server->sendMessage('message', 1 - $server->worker_id);
        $response->end('ok');
    });
    $server->on('workerStart', function ($server, $id) {
        $server->taskworker or $id or Swoole\Timer::after(50, function () use ($server) {
            file_get_contents("http://127.0.0.1:$server->port/");
            Swoole\Timer::after(1500, fn () => $server->shutdown());
        });
    });
    $server->start();
    PHP, [], ['swoole.use_shortname' => 1]);
$show($receiver);
--EXPECTF--
Process: connect, CREATE coroutine, process
Process: connect, CREATE plain, process
Script: connect, CREATE parent, CREATE later, traced.php
3 segments, 3 traces
Http: task from worker %d task, taskwait from worker %d, sendMessage from worker %d, GET /
PipeMessage: connect, CREATE message, pipeMessage from worker %d
Task: connect, CREATE task, task from worker %d task
Task: connect, CREATE taskwait, task from worker %d task
Timer: GET, timer
Timer: timer
6 segments, 5 traces
