--TEST--
Names that are no UTF-8 throw nothing, and are sent like values
--SKIPIF--
<?php require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    declare(strict_types=1);
    SwooleTracker\Span::start("a\xff", ["k\xff" => "v\xff"])->attribute("x\xff", "y\xff")->event("e\xff", ["f\xff" => 1])->end();
    tracker_set_service_name("s\xff");
    $tick = SwooleTracker\Stats::beforeReqRpc("r\xff", "t\xff", "u\xff");
    $tick->addParam("p\xff", "q\xff");
    SwooleTracker\Stats::afterReqRpc($tick, true, "0\xff");
    try {
        SwooleTracker\Span::start(5);
    } catch (TypeError $e) {
        echo "TypeError\n";
    }
    echo "done\n";
    PHP);
foreach ($receiver->spans() as $span) {
    if (preg_match('~^[ar]~', $span['name'])) {
        echo $span['name'], ' ', json_encode($span['attributes'], JSON_UNESCAPED_UNICODE), ' ', json_encode(array_column($span['events'], 'name'), JSON_UNESCAPED_UNICODE), "\n";
    }
}
?>
--EXPECT--
TypeError
done
a� {"k�":"v�","x�":"y�"} ["e�"]
r� {"p�":"q�","rpc.service":"t�","server.address":"u�"} []
