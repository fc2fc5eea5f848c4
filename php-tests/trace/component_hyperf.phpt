--TEST--
What Hyperf's component calls, under a Swoole server: names, codes, the leak hook, headers of a coroutine client
--SKIPIF--
<?php $needs = ['swoole']; require __DIR__ . '/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/component.inc';
$receiver = new Receiver();
$service = new Service($receiver, <<<'PHP'
    declare(strict_types=1);
    /** The middleware of the server. */
    function traced($request, array $config, callable $next): array
    {
        if (!class_exists(SwooleTracker\Stats::class)) {
            return $next();
        }
        $tick = SwooleTracker\Stats::beforeExecRpc($request->server['path_info'], $config['app_name'] ?? 'hyperf-skeleton',
            current(swoole_get_local_ip()) ?: '127.0.0.1', $request->header['x-swoole-traceid'] ?? '', $request->header['x-swoole-spanid'] ?? '');
        try {
            $answer = $next();
            SwooleTracker\Stats::afterExecRpc($tick, true, $answer[0]);
        } catch (Throwable $e) {
            SwooleTracker\Stats::afterExecRpc($tick, false, $e->getCode());
            throw $e;
        }
        return $answer;
    }
    /** The middleware of the leak finder. */
    function hooked(callable $next): array
    {
        function_exists('trackerHookMalloc') && trackerHookMalloc();
        return $next();
    }
    /** What the aspect sets on a coroutine's client. */
    function call(int $port, string $path): string
    {
        $client = new Swoole\Coroutine\Http\Client('127.0.0.1', $port);
        $headers = [];
        if (function_exists('getSwooleTrackerTraceId') && function_exists('getSwooleTrackerSpanId')) {
            $headers = ['x-swoole-traceid' => getSwooleTrackerTraceId(), 'x-swoole-spanid' => getSwooleTrackerSpanId()];
        }
        $client->setHeaders($headers);
        $client->get($path);
        return (string) $client->body;
    }
    final class DatabaseError extends PDOException
    {
        protected $code = '42S02';
    }
    $server = new Swoole\Http\Server('127.0.0.1', 0, SWOOLE_BASE);
    $server->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_ERROR]);
    $server->on('workerStart', fn () => file_put_contents($argv[1], (string) $server->port));
    $server->on('request', function ($request, $response) use ($server): void {
        $path = $request->server['path_info'];
        try {
            [$status, $body] = traced($request, [], fn () => hooked(fn () => match (explode('/', $path)[1]) {
                'user' => [200, 'user'],
                'refused' => [500, 'refused'],
                'broken' => throw new DatabaseError('no table'),
                'call' => [200, call($server->port, '/user/9')],
            }));
        } catch (Throwable $e) {
            [$status, $body] = [500, get_class($e)];
        }
        $response->status($status);
        $response->end($body);
    });
    $server->start();
    PHP, settings: ['apm.enable_malloc_hook' => 1, 'apm.leak_log' => sys_get_temp_dir() . '/leak.' . getmypid()]);
foreach (['/user/7', '/user/8', '/refused', '/broken', '/call'] as $path) {
    echo $service->get($path);
}
echo $service->get('/user/10', ['x-swoole-traceid: 00000000000000ab', 'x-swoole-spanid: 00000000000000cd']);
$service->stop();
$receiver->stop();
echo implode("\n", counted($receiver)), "\n";
$roots = roots($receiver);
foreach ($roots['/user/$'] as $root) {
    if ($root['trace'] === '00000000000000ab') {
        echo 'the caller is ', $root['parent'], "\n";
    }
}
$call = $roots['/call'][0];
$called = array_values(array_filter($roots['/user/$'], fn ($r) => $r['trace'] === $call['trace']));
echo count($called), ' called in the same trace, ', in_array($called[0]['parent'], $call['ids'], true) ? "by a span of it\n" : "by nobody\n";
array_map(unlink(...), glob(sys_get_temp_dir() . '/leak.' . getmypid() . '*'));
--EXPECT--
200 user
200 user
500 refused
500 DatabaseError
200 user
200 user
hyperf-skeleton /broken: 1 calls, 1 errors, codes {"42S02":1}
hyperf-skeleton /call: 1 calls, 0 errors, codes {"200":1}
hyperf-skeleton /refused: 1 calls, 0 errors, codes {"500":1}
hyperf-skeleton /user/$: 4 calls, 0 errors, codes {"200":4}
the caller is 00000000000000cd
1 called in the same trace, by a span of it
