--TEST--
enable=0: the API stays callable and does nothing
--SKIPIF--
<?php require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    use SwooleTracker\{Span, Stats};
    $tick = Stats::beforeExecRpc('/a', 'app', '127.0.0.1', '', '');
    $tick->addParam('a', 1);
    Stats::afterExecRpc($tick, true, 200);
    $call = Stats::beforeReqRpc('f', 'app', '127.0.0.1');
    Stats::afterReqRpc($call, false, 'HY000');
    Stats::beforeExecRpc('/a', 'app', '')->reportSucc();
    tracker_set_service_name('app');
    var_dump(getSwooleTrackerTraceId(), getSwooleTrackerSpanId(), genSwooleTrackerSpanId());
    $span = Span::start('work', ['a' => 1]);
    $span->attribute('b', 2)->event('happened')->error('bad')->end();
    unset($span);
    foreach (['trackerHookMalloc', 'trackerAnalyzeLeak', 'tracker_set_service_name'] as $function) {
        var_dump(function_exists($function));
    }
    PHP, [], ['apm.enable' => 0]);
echo count($receiver->stop()), " records\n";
--EXPECT--
string(0) ""
string(0) ""
string(0) ""
bool(true)
bool(true)
bool(true)
0 records
