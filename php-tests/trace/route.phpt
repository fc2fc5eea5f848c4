--TEST--
A route of a framework renames the endpoint of the request that the agent gets; a call cut off by exit() keeps its name
--SKIPIF--
<?php
require __DIR__ . '/skip.inc';
if (!stream_resolve_include_path('Slim/autoload.php')) echo 'skip Slim is not installed';
--FILE--
<?php
require __DIR__ . '/component.inc';
$receiver = new Receiver();
$service = new Service($receiver, <<<'PHP'
    error_reporting(0);
    $_SERVER['SCRIPT_NAME'] = '/index.php';
    require 'Slim/autoload.php';
    final class Orders
    {
        public static function leave(): void
        {
            exit('left');
        }
    }
    $app = new Slim\App(['settings' => ['displayErrorDetails' => false]]);
    $app->get('/users/{name}/posts', fn ($request, $response, $args) => $response->write("user $args[name]"));
    $app->get('/leave', fn () => Orders::leave());
    $app->run();
    PHP, router: true, settings: ['apm.trace_functions' => 'Orders::*']);
echo $service->get('/users/ann/posts'), $service->get('/users/bob/posts'), $service->get('/leave');
$service->stop();
echo implode("\n", preg_replace('~^\S+ ~', '', counted($receiver))), "\n";
foreach ($receiver->spans() as $span) {
    echo line($span), "\n";
}
--EXPECT--
200 user ann
200 user bob
200 left
GET /leave: 1 calls, 0 errors, codes {"200":1}
GET /users/{name}/posts: 2 calls, 0 errors, codes {"200":2}
Server GET /users/{name}/posts Unset
Server GET /users/{name}/posts Unset
Internal Orders::leave Error
Server GET /leave Unset
