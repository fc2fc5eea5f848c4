--TEST--
php-amqplib against a real RabbitMQ
--INI--
apm.enable=0
--SKIPIF--
<?php
require __DIR__ . '/skip.inc';
require __DIR__ . '/servers.inc';
stream_resolve_include_path('PhpAmqpLib/autoload.php') or die('skip no php-amqplib');
file_exists(RABBITMQ) or die('skip no RabbitMQ server');
trim((string) shell_exec('command -v epmd')) or die('skip no epmd');
--FILE--
<?php
require __DIR__ . '/helper.inc';
require __DIR__ . '/servers.inc';
$port = free_port();
$servers = rabbitmq($port);
$receiver = new Receiver();
$receiver->modules = ['sockets', 'mbstring'];
echo $receiver->run("const PORT = $port;" . <<<'PHP'
    require 'PhpAmqpLib/autoload.php';
    use PhpAmqpLib\Connection\AMQPStreamConnection;
    use PhpAmqpLib\Message\AMQPMessage;
    $connection = new AMQPStreamConnection('127.0.0.1', PORT, 'guest', 'guest');
    $channel = $connection->channel();
    $channel->queue_declare('jobs');
    $channel->basic_publish(new AMQPMessage('secret 1'), '', 'jobs');
    $channel->basic_publish(new AMQPMessage('secret 2'), '', 'jobs');
    usleep(200000);
    echo $channel->basic_get('jobs', true)->getBody(), "\n";
    $channel->basic_consume('jobs', '', false, true, false, false, function ($message) {
        echo 'consumed ', $message->getBody(), "\n";
        $message->getChannel()->basic_cancel($message->getConsumerTag());
    });
    while ($channel->is_consuming()) {
        $channel->wait(null, false, 10);
    }
    $connection->close();
    PHP);
foreach (array_slice($receiver->spans(), 0, -1) as $span) {
    echo str_replace((string) $port, 'PORT', line($span, 'messaging.operation.type', 'messaging.destination.name', 'messaging.rabbitmq.destination.routing_key') . " $span[peer]"), "\n";
}
echo 'secret sent: ', str_contains(json_encode($receiver->records), 'secret') ? 'yes' : 'no', "\n";
--EXPECT--
secret 1
consumed secret 2
Consumer process jobs Unset messaging.operation.type="process" messaging.destination.name=null messaging.rabbitmq.destination.routing_key="jobs" 127.0.0.1:PORT
Producer publish jobs Unset messaging.operation.type="send" messaging.destination.name=null messaging.rabbitmq.destination.routing_key="jobs" 127.0.0.1:PORT
Producer publish jobs Unset messaging.operation.type="send" messaging.destination.name=null messaging.rabbitmq.destination.routing_key="jobs" 127.0.0.1:PORT
Client receive jobs Unset messaging.operation.type="receive" messaging.destination.name="jobs" messaging.rabbitmq.destination.routing_key=null 127.0.0.1:PORT
secret sent: no
