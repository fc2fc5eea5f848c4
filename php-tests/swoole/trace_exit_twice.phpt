--TEST--
A server that ends has used up the time for its last records, and the script goes on after it: what comes then is sent or told as lost, too
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/../trace/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/../trace/helper.inc';
/** Segments and calls that came or are told as lost, and whether any is. */
function account(bool $is_paused): array
{
    $receiver = new Receiver();
    $receiver->modules = Receiver::SWOOLE;
    $receiver->pause($is_paused);
    echo $receiver->run(<<<'PHP'
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr(strrchr(stream_socket_get_name($probe, false), ':'), 1);
        fclose($probe);
        // A single worker is the server itself.
        $server = new Swoole\Http\Server('127.0.0.1', $port, SWOOLE_BASE);
        $server->set(['worker_num' => 1, 'log_file' => '/dev/null', 'hook_flags' => 0]);
        $server->on('request', fn () => null);
        $server->on('workerStart', function ($server) {
            Swoole\Timer::after(10, function () use ($server) {
                $db = new PDO('sqlite::memory:');
                $db->exec('CREATE TABLE t (a)');
                // More than a socket takes.
                for ($i = 0; $i < 8000; $i++) {
                    $db->exec('INSERT INTO t VALUES (1)');
                }
                $server->shutdown();
            });
        });
        $server->start();
        for ($i = 0; $i < 5; $i++) {
            $tick = SwooleTracker\Stats::beforeExecRpc('after', 'app', '');
            SwooleTracker\Stats::afterExecRpc($tick, true, 0);
        }
        PHP);
    $receiver->pause(false);
    // The script is gone: only what it left in the sockets arrives.
    usleep(300000);
    $lost = [];
    foreach ($receiver->of('drops') as $drops) {
        foreach ($drops['reasons'] as $reason => $count) {
            $lost[$reason] = ($lost[$reason] ?? 0) + $count;
        }
    }
    $calls = $lost['stats_calls'] ?? 0;
    foreach ($receiver->of('stats') as $bucket) {
        $calls += array_sum(array_column($bucket['rows'], 'calls'));
    }
    return [count($receiver->of('segment')) + ($lost['exit'] ?? 0), $calls, $lost !== []];
}
foreach (['reads' => false, 'is stopped' => true] as $does => $is_paused) {
    [$segments, $calls, $some_lost] = account($is_paused);
    echo "an agent that $does: $segments segments and $calls calls came or are told as lost\n";
}
echo 'the last one lost some: ', $some_lost ? 'yes' : 'no', "\n";
--EXPECT--
an agent that reads: 6 segments and 8008 calls came or are told as lost
an agent that is stopped: 6 segments and 8008 calls came or are told as lost
the last one lost some: yes
