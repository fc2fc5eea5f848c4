--TEST--
rdkafka against the mock cluster of librdkafka (no real Kafka): messages carry the trace, a message consumed links to its sender
--INI--
apm.enable=0
--SKIPIF--
<?php $needs = ['rdkafka']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
$receiver->modules = ['rdkafka'];
echo $receiver->run(<<<'PHP'
    $conf = new RdKafka\Conf();
    $conf->set('test.mock.num.brokers', '1');
    $conf->set('log_level', '0');
    // It lives for as long as this producer.
    $cluster = new RdKafka\Producer($conf);
    $broker = $cluster->getMetadata(true, null, 10000)->getBrokers()->current();
    $place = $broker->getHost() . ':' . $broker->getPort();
    file_put_contents(__FILE__ . '.place', $place);
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', $place);
    $conf->set('log_level', '0');
    $producer = new RdKafka\Producer($conf);
    $topic = $producer->newTopic('orders');
    $topic->produce(0, 0, 'secret 1');
    $topic->producev(0, 0, 'secret 2');
    $headers = ['mine' => 'x'];
    $topic->producev(RD_KAFKA_PARTITION_UA, 0, 'secret 3', 'key', $headers);
    echo json_encode($headers), "\n";
    $topic->producev(0, 0, 'secret 4', null, ['traceparent' => '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']);
    try {
        $topic->producev(0, 999, 'secret');
    } catch (InvalidArgumentException $e) {
        echo get_class($e), "\n";
    }
    var_dump($producer->flush(10000));
    $conf->set('group.id', 'g');
    $conf->set('auto.offset.reset', 'earliest');
    $consumer = new RdKafka\KafkaConsumer($conf);
    $consumer->assign([new RdKafka\TopicPartition('orders', 0, 0), new RdKafka\TopicPartition('orders', 1, 0),
        new RdKafka\TopicPartition('orders', 2, 0), new RdKafka\TopicPartition('orders', 3, 0)]);
    $seen = [];
    for ($until = microtime(true) + 20; count($seen) < 4 && microtime(true) < $until;) {
        $message = $consumer->consume(500);
        if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
            $names = array_keys($message->headers ?? []);
            sort($names);
            $seen[$message->payload] = implode(' ', $names);
        }
    }
    ksort($seen);
    print_r($seen);
    $consumer->consume(1);
    $consumer->close();
    PHP);
$place = glob(sys_get_temp_dir() . '/*.place')[0];
$address = file_get_contents($place);
unlink($place);
$spans = array_slice($receiver->spans(), 0, -1);
$senders = array_column(array_filter($spans, fn ($span) => $span['kind'] === 'Producer'), 'span_id');
$lines = [];
foreach ($spans as $span) {
    $line = line($span, 'messaging.system', 'messaging.operation.type', 'messaging.destination.name', 'error.type');
    foreach ($span['links'] as $to) {
        $number = array_search($to['span_id'], $senders);
        $line .= $number === false ? " of $to[trace_id]" : ' of ' . $number + 1;
    }
    $lines[] = $line . ' ' . str_replace($address, 'BROKER', $span['peer']);
}
// Partitions come in any order.
$consumed = array_splice($lines, -4);
sort($consumed);
echo implode("\n", [...$lines, ...$consumed]), "\n";
echo 'offset and partition: ', json_encode(array_intersect_key(end($spans)['attributes'], ['messaging.kafka.offset' => 1, 'messaging.destination.partition.id' => 1]) !== []), "\n";
echo 'secret sent: ', str_contains(json_encode($spans), 'secret') ? 'yes' : 'no', "\n";
--EXPECT--
{"mine":"x"}
InvalidArgumentException
int(0)
Array
(
    [secret 1] => 
    [secret 2] => traceparent tracestate
    [secret 3] => mine traceparent tracestate
    [secret 4] => traceparent
)
Producer produce orders Unset messaging.system="kafka" messaging.operation.type="send" messaging.destination.name="orders" error.type=null BROKER
Producer produce orders Unset messaging.system="kafka" messaging.operation.type="send" messaging.destination.name="orders" error.type=null BROKER
Producer produce orders Unset messaging.system="kafka" messaging.operation.type="send" messaging.destination.name="orders" error.type=null BROKER
Producer produce orders Unset messaging.system="kafka" messaging.operation.type="send" messaging.destination.name="orders" error.type=null BROKER
Producer produce orders Error messaging.system="kafka" messaging.operation.type="send" messaging.destination.name="orders" error.type="InvalidArgumentException" BROKER
Client flush Unset messaging.system="kafka" messaging.operation.type=null messaging.destination.name=null error.type=null BROKER
Client consume orders Unset messaging.system="kafka" messaging.operation.type="receive" messaging.destination.name="orders" error.type=null BROKER
Client consume orders Unset messaging.system="kafka" messaging.operation.type="receive" messaging.destination.name="orders" error.type=null of 0af7651916cd43dd8448eb211c80319c BROKER
Client consume orders Unset messaging.system="kafka" messaging.operation.type="receive" messaging.destination.name="orders" error.type=null of 2 BROKER
Client consume orders Unset messaging.system="kafka" messaging.operation.type="receive" messaging.destination.name="orders" error.type=null of 3 BROKER
offset and partition: true
secret sent: no
