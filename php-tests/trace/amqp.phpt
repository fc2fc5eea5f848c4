--TEST--
amqp against a real RabbitMQ: messages carry the trace, a message taken links to its sender, a consumer goes on in the sender's trace
--INI--
apm.enable=0
--SKIPIF--
<?php $needs = ['amqp']; require __DIR__ . '/skip.inc'; require __DIR__ . '/servers.inc'; file_exists(RABBITMQ) or die('skip no RabbitMQ server'); trim((string) shell_exec('command -v epmd')) or die('skip no epmd');
--FILE--
<?php
require __DIR__ . '/helper.inc';
require __DIR__ . '/servers.inc';
$port = free_port();
$servers = rabbitmq($port);
$receiver = new Receiver();
$receiver->modules = ['amqp'];
$setup = "const PORT = $port;" . <<<'PHP'
    $connection = new AMQPConnection(['host' => '127.0.0.1', 'port' => PORT, 'login' => 'guest', 'password' => 'guest', 'read_timeout' => 20]);
    $connection->connect();
    $channel = new AMQPChannel($connection);
    $queue = new AMQPQueue($channel);
    $queue->setName('jobs');
    $queue->setFlags(AMQP_AUTODELETE);
    PHP;
// The one that sends and takes.
echo $receiver->run($setup . <<<'PHP'
    $queue->setFlags(AMQP_NOPARAM);
    $queue->declareQueue();
    $exchange = new AMQPExchange($channel);
    $exchange->setName('orders');
    $exchange->setType(AMQP_EX_TYPE_DIRECT);
    $exchange->declareExchange();
    $queue->bind('orders', 'created');
    $default = new AMQPExchange($channel);
    $default->publish('secret 1', 'jobs');
    $attributes = ['headers' => ['mine' => 1], 'message_id' => 'm2'];
    $exchange->publish('secret 2', 'created', AMQP_NOPARAM, $attributes);
    echo json_encode($attributes), "\n";
    $exchange->publish('secret 3', 'created', AMQP_NOPARAM, ['headers' => ['TraceParent' => '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']]);
    usleep(200000);
    for ($i = 0; $i < 3; $i++) {
        $envelope = $queue->get(AMQP_AUTOACK);
        $names = array_keys($envelope->getHeaders());
        sort($names);
        echo $envelope->getBody(), ' ', $envelope->getMessageId(), ' ', implode(' ', $names), "\n";
    }
    var_dump((bool) $queue->get(AMQP_AUTOACK));
    $exchange->publish('secret 4', 'created');
    $exchange->publish('secret 5', 'created');
    PHP);
// The one that is called with messages.
echo $receiver->run($setup . <<<'PHP'
    $take = function (AMQPEnvelope $envelope, AMQPQueue $queue) {
        $queue->ack($envelope->getDeliveryTag());
        echo 'consumed ', $envelope->getBody(), "\n";
        $envelope->getBody() === 'secret 5' and throw new LogicException('enough');
        return true;
    };
    try {
        $queue->consume($take);
    } catch (LogicException $e) {
        echo $e->getMessage(), "\n";
    }
    $queue->delete();
    PHP);
echo $receiver->run(<<<'PHP'
    try {
        (new AMQPConnection(['host' => '127.0.0.1', 'port' => 1]))->connect();
    } catch (AMQPConnectionException) {
        echo "no connection\n";
    }
    PHP);
// A failure costs the connection.
echo $receiver->run($setup . <<<'PHP'
    try {
        (new AMQPExchange($channel))->publish('secret', str_repeat('long', 100));
    } catch (AMQPException $e) {
        echo $e->getMessage(), "\n";
    }
    PHP);
$spans = $receiver->spans();
$senders = [];
foreach ($receiver->of('segment') as $segment) {
    echo "$segment[unit] $segment[endpoint]\n";
    foreach ($segment['spans'] as $span) {
        if ($span['kind'] === 'Producer') {
            $senders[] = "$segment[trace_id]/$span[span_id]";
        }
        $where = array_search("$segment[trace_id]/$span[parent_span_id]", $senders);
        $span['attributes'] = str_replace(str_repeat('long', 100), 'long', $span['attributes']);
        $link = '';
        foreach ($span['links'] as $to) {
            $number = array_search("$to[trace_id]/$to[span_id]", $senders);
            $link .= ' of ' . ($number === false ? "$to[trace_id]/$to[span_id]" : $number + 1);
        }
        echo '  ', line($span, 'messaging.operation.type', 'messaging.destination.name', 'messaging.rabbitmq.destination.routing_key', 'error.type'),
            str_replace((string) $port, 'PORT', " $span[peer]"), $link, $where === false ? '' : ' in ' . $where + 1, "\n";
    }
}
echo 'secret sent: ', str_contains(json_encode($spans), 'secret') ? 'yes' : 'no', "\n";
--EXPECTF--
{"headers":{"mine":1},"message_id":"m2"}
secret 1  traceparent tracestate
secret 2 m2 mine traceparent tracestate
secret 3  TraceParent
bool(false)
consumed secret 4
consumed secret 5
enough
no connection
Library error: invalid AMQP data
Script traced.%d.php
  Client connect Unset messaging.operation.type=null messaging.destination.name=null messaging.rabbitmq.destination.routing_key=null error.type=null 127.0.0.1:PORT
  Producer publish (default) Unset messaging.operation.type="send" messaging.destination.name=null messaging.rabbitmq.destination.routing_key="jobs" error.type=null 127.0.0.1:PORT
  Producer publish orders Unset messaging.operation.type="send" messaging.destination.name="orders" messaging.rabbitmq.destination.routing_key="created" error.type=null 127.0.0.1:PORT
  Producer publish orders Unset messaging.operation.type="send" messaging.destination.name="orders" messaging.rabbitmq.destination.routing_key="created" error.type=null 127.0.0.1:PORT
  Client receive jobs Unset messaging.operation.type="receive" messaging.destination.name="jobs" messaging.rabbitmq.destination.routing_key="jobs" error.type=null 127.0.0.1:PORT of 1
  Client receive jobs Unset messaging.operation.type="receive" messaging.destination.name="jobs" messaging.rabbitmq.destination.routing_key="created" error.type=null 127.0.0.1:PORT of 2
  Client receive jobs Unset messaging.operation.type="receive" messaging.destination.name="jobs" messaging.rabbitmq.destination.routing_key="created" error.type=null 127.0.0.1:PORT of 0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331
  Producer publish orders Unset messaging.operation.type="send" messaging.destination.name="orders" messaging.rabbitmq.destination.routing_key="created" error.type=null 127.0.0.1:PORT
  Producer publish orders Unset messaging.operation.type="send" messaging.destination.name="orders" messaging.rabbitmq.destination.routing_key="created" error.type=null 127.0.0.1:PORT
  Internal traced.%d.php Unset messaging.operation.type=null messaging.destination.name=null messaging.rabbitmq.destination.routing_key=null error.type=null 
Message process jobs
  Consumer process jobs Unset messaging.operation.type="process" messaging.destination.name="jobs" messaging.rabbitmq.destination.routing_key="created" error.type=null traced.%d.php in 4
Message process jobs
  Consumer process jobs Error messaging.operation.type="process" messaging.destination.name="jobs" messaging.rabbitmq.destination.routing_key="created" error.type="LogicException" traced.%d.php in 5
Script traced.%d.php
  Client connect Unset messaging.operation.type=null messaging.destination.name=null messaging.rabbitmq.destination.routing_key=null error.type=null 127.0.0.1:PORT
  Internal traced.%d.php Unset messaging.operation.type=null messaging.destination.name=null messaging.rabbitmq.destination.routing_key=null error.type=null 
Script traced.%d.php
  Client connect Error messaging.operation.type=null messaging.destination.name=null messaging.rabbitmq.destination.routing_key=null error.type="AMQPConnectionException" 127.0.0.1:1
  Internal traced.%d.php Unset messaging.operation.type=null messaging.destination.name=null messaging.rabbitmq.destination.routing_key=null error.type=null 
Script traced.%d.php
  Client connect Unset messaging.operation.type=null messaging.destination.name=null messaging.rabbitmq.destination.routing_key=null error.type=null 127.0.0.1:PORT
  Producer publish (default) Error messaging.operation.type="send" messaging.destination.name=null messaging.rabbitmq.destination.routing_key="long" error.type="AMQPException" 127.0.0.1:PORT
  Internal traced.%d.php Unset messaging.operation.type=null messaging.destination.name=null messaging.rabbitmq.destination.routing_key=null error.type=null 
secret sent: no
