--TEST--
What imi's component calls, under HTTP and TCP: three arguments, the outcome in finally, codes that the program overrides
--SKIPIF--
<?php $needs = ['swoole']; require __DIR__ . '/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/component.inc';
$receiver = new Receiver();
$service = new Service($receiver, <<<'PHP'
    use SwooleTracker\Stats;
    function run(string $name, callable $work): mixed
    {
        $context = [];
        $tick = Stats::beforeExecRpc($name, 'imi', '127.0.0.1');
        $success = $code = null;
        try {
            $result = $work($context);
            $success = $context['imi.tracker.success'] ?? (!is_array($result) || $result[0] === 200);
            $code = $context['imi.tracker.code'] ?? (is_array($result) ? $result[0] : 0);
            return $result;
        } catch (Throwable $e) {
            $success = $context['imi.tracker.success'] ?? false;
            $code = $context['imi.tracker.code'] ?? 500;
            throw $e;
        } finally {
            if ($tick) {
                Stats::afterExecRpc($tick, $success, $code);
            }
        }
    }
    $server = new Swoole\Http\Server('127.0.0.1', 0, SWOOLE_BASE);
    $server->set(['worker_num' => 1, 'log_level' => SWOOLE_LOG_ERROR]);
    $tcp = $server->listen('127.0.0.1', 0, SWOOLE_SOCK_TCP);
    $tcp->set(['open_eof_check' => true, 'package_eof' => "\n", 'open_http_protocol' => false]);
    $tcp->on('receive', function ($server, $fd, $from, $data): void {
        $server->send($fd, run('tcp/' . trim($data), fn () => "got $data"));
    });
    $server->on('workerStart', fn () => file_put_contents($argv[1], (string) $server->port));
    $server->on('request', function ($request, $response) use ($tcp): void {
        try {
            [$status, $body] = run($request->server['request_uri'], function (array &$context) use ($request, $tcp): array {
                switch ($request->server['request_uri']) {
                    case '/port': return [200, (string) $tcp->port];
                    case '/missing': return [404, 'missing'];
                    case '/mended': $context = ['imi.tracker.success' => true, 'imi.tracker.code' => 1001]; return [404, 'mended'];
                    default: throw new LogicException('broken');
                }
            });
        } catch (LogicException $e) {
            [$status, $body] = [500, $e->getMessage()];
        }
        $response->status($status);
        $response->end($body);
    });
    $server->start();
    PHP);
echo $service->get('/missing'), $service->get('/mended'), $service->get('/broken');
$port = (int) substr($service->get('/port'), 4);
$socket = fsockopen('127.0.0.1', $port, timeout: 5);
foreach (['a', 'a', 'b'] as $message) {
    fwrite($socket, "$message\n");
    echo fgets($socket);
}
fclose($socket);
$service->stop();
echo implode("\n", counted($receiver)), "\n";
--EXPECT--
404 missing
404 mended
500 broken
got a
got a
got b
imi /broken: 1 calls, 1 errors, codes {"500":1}
imi /mended: 1 calls, 0 errors, codes {"1001":1}
imi /missing: 1 calls, 1 errors, codes {"404":1}
imi /port: 1 calls, 0 errors, codes {"200":1}
imi tcp/a: 2 calls, 0 errors, codes {"0":2}
imi tcp/b: 1 calls, 0 errors, codes {"0":1}
