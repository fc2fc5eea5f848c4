--TEST--
A process that ends while a message of a loop is at work: the message is cut off, and what its coroutine did outside of messages arrives
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/../trace/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/../trace/helper.inc';
$receiver = new Receiver();
$receiver->modules = Receiver::SWOOLE;
echo $receiver->run(<<<'PHP'
    ini_set('display_errors', '0');
    function note(string $what) { (new PDO('sqlite::memory:'))->exec("CREATE TABLE $what (a)"); }
    // A span that is open around all messages.
    function chat($response)
    {
        $response->recv(0.01);
        note('idle');
        $response->recv();
        note('works');
        $response->push('works');
        Co::sleep(5);
        note('never');
    }
    Co\run(function () {
        $server = new Swoole\Coroutine\Http\Server('127.0.0.1', 0);
        $server->handle('/', function ($request, $response) {
            $response->upgrade();
            chat($response);
        });
        go(fn () => $server->start());
        $client = new Swoole\Coroutine\Http\Client('127.0.0.1', $server->port);
        $client->upgrade('/');
        Co::sleep(0.05);
        $client->push('x');
        echo $client->recv()->data, "\n";
        trigger_error('planned', E_USER_ERROR);
    });
    PHP, [], ['apm.trace_functions' => 'chat']);
foreach ($receiver->of('segment') as $segment) {
    $flag = $segment['flags'] & 32 ? ', interrupted' : '';
    foreach ($segment['spans'] as $span) {
        $span['name'] === 'connect' or print(line($span, 'error.type') . "$flag\n");
    }
}
--EXPECT--
works
Server GET / Unset error.type=null
Client CREATE idle Unset error.type=null
Client CREATE works Unset error.type=null, interrupted
Server websocket Error error.type="fatal", interrupted
Internal chat Error error.type=null
