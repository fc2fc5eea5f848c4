--TEST--
A component names the request after its path: the framework's route says it better, and the exception that it made an answer of why it failed
--SKIPIF--
<?php require __DIR__ . '/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/component.inc';
$receiver = new Receiver();
$service = new Service($receiver, <<<'PHP'
    namespace Hyperf\HttpServer {
        final class Handler { public function __construct(public string $route) {} }
        final class Dispatched { public function __construct(public Handler $handler) {} }
        final class CoreMiddleware
        {
            public function process(string $path)
            {
                return match (explode('/', $path)[1]) {
                    'user', 'broken' => $this->handleFound(new Dispatched(new Handler(dirname($path) . '/{id}')), $path),
                    default => $this->handleNotFound($path),
                };
            }
            protected function handleFound(Dispatched $dispatched, $request)
            {
                str_starts_with($request, '/broken') && throw new \DomainException('it broke', (int) basename($request));
                return 'found';
            }
            protected function handleNotFound($request)
            {
                throw new \OutOfRangeException('no such page');
            }
        }
    }
    namespace Hyperf\ExceptionHandler {
        final class ExceptionHandlerDispatcher
        {
            public function dispatch(...$params) { return get_class($params[0]); }
        }
    }
    namespace {
        $path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
        $core = new Hyperf\HttpServer\CoreMiddleware();
        try {
            // The route may be known before the component's middleware runs.
            isset($_GET['early']) && $core->process($path);
            $tick = SwooleTracker\Stats::beforeExecRpc($path, 'shop', '127.0.0.1', '', '');
            try {
                $answer = $core->process($path);
                SwooleTracker\Stats::afterExecRpc($tick, true, 200);
            } catch (Throwable $e) {
                SwooleTracker\Stats::afterExecRpc($tick, false, $e->getCode());
                throw $e;
            }
        } catch (Throwable $e) {
            http_response_code($e instanceof DomainException ? 500 : 404);
            $answer = (new Hyperf\ExceptionHandler\ExceptionHandlerDispatcher())->dispatch($e, []);
        }
        echo $answer;
    }
    PHP, true);
foreach (['/user/anna', '/user/bert?early', '/broken/0', '/broken/77', '/wp-login', '/admin'] as $path) {
    echo $service->get($path);
}
$service->stop();
$receiver->stop();
echo implode("\n", counted($receiver)), "\n";
foreach (roots($receiver) as $endpoint => $roots) {
    foreach ($roots as ['span' => $span]) {
        $told = $span['attributes'] + ['http.route' => '-', 'error.type' => '-'];
        echo "$endpoint: route {$told['http.route']}, error {$told['error.type']}\n";
    }
}
--EXPECT--
200 found
200 found
500 DomainException
500 DomainException
404 OutOfRangeException
404 OutOfRangeException
shop (no route): 2 calls, 2 errors, codes {"0":2}
shop /broken/{id}: 2 calls, 2 errors, codes {"0":1,"77":1}
shop /user/{id}: 2 calls, 0 errors, codes {"200":2}
/user/{id}: route /user/{id}, error -
/user/{id}: route /user/{id}, error -
/broken/{id}: route /broken/{id}, error DomainException
/broken/{id}: route /broken/{id}, error DomainException
(no route): route -, error OutOfRangeException
(no route): route -, error OutOfRangeException
