--TEST--
Stats and Tick in a CLI loop: every entry is a root of its own, the script goes on; what components really pass
--SKIPIF--
<?php require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    declare(strict_types=1);
    use SwooleTracker\Stats;
    // Hyperf: five arguments, the caller's ids; an error code that is a text.
    $tick = Stats::beforeExecRpc('/user/12345', 'shop', '10.0.0.1', '00000000000000ab', '00000000000000cd');
    var_dump($tick instanceof SwooleTracker\Tick, getSwooleTrackerTraceId());
    $tick->addParam('order', 7);
    $call = StatsCenter::beforeReqRpc('stock', 'warehouse', '10.0.0.2:9501');
    usleep(1000);
    Stats::afterReqRpc($call, true, 0);
    Stats::afterExecRpc($tick, false, '42S02');
    Stats::afterExecRpc($tick, true, 0); // again: ignored
    // webman: no name of a service, three arguments.
    $tick = \Tracker\Stats::beforeExecRpc('/plain', null, '127.0.0.1');
    Stats::afterExecRpc($tick, true, 200);
    foreach ([null, false, 0, '', new stdClass] as $none) {
        Stats::afterExecRpc($none, true, 200);
        Stats::afterReqRpc($none, true, 200);
    }
    // An entry while another is under way is one more, in whatever order they end.
    $outer = Stats::beforeExecRpc('outer', 'shop', '');
    $inner = Stats::beforeExecRpc('inner', 'shop', '');
    $outer->reportSucc(true);
    $inner->report(true);
    $tick = Stats::beforeExecRpc('coded', 'shop', '');
    $tick->reportCode(17, '10.9.9.9');
    var_dump(strlen(genSwooleTrackerSpanId()), genSwooleTrackerSpanId() !== genSwooleTrackerSpanId());
    $left = Stats::beforeExecRpc('left', 'shop', '');
    var_dump(Stats::SUCC, StatsCenter::FAIL, Tracker\Stats::TIME_OUT_STATUS);
    var_dump((new ReflectionClass('StatsCenter_Tick'))->getName(), (new ReflectionClass('Tracker\Tick'))->getName());
    PHP);
foreach ($receiver->of('segment') as $segment) {
    $root = end($segment['spans']);
    echo "$segment[unit] ", preg_replace('~^traced.*~', 'script', $segment['app']), ' ',
        $root['parent_span_id'] === '00000000000000cd' ? "continues " . substr($segment['trace_id'], 16) . ' ' : '',
        preg_replace('~traced\S*~', 'script', line($root, 'rpc.service', 'server.address', 'order', 'error.type')), "\n";
    foreach (array_slice($segment['spans'], 0, -1) as $span) {
        echo '  ', $span['parent_span_id'] === $root['span_id'] ? 'child ' : 'stranger ', line($span, 'rpc.service', 'server.address'), "\n";
    }
}
$rows = array_merge([], ...array_column($receiver->of('stats'), 'rows'));
$count = [];
foreach ($rows as $row) {
    $key = preg_replace('~traced\S*~', 'script', "$row[app] $row[endpoint] $row[peer]");
    $count[$key] = ($count[$key] ?? 0) + $row['calls'];
    $codes[$key] = json_encode($row['codes']);
}
ksort($count);
foreach ($count as $key => $calls) {
    echo "$key: $calls $codes[$key]\n";
}
--EXPECT--
bool(true)
string(16) "00000000000000ab"
int(16)
bool(true)
int(1)
int(0)
int(4444)
string(18) "SwooleTracker\Tick"
string(18) "SwooleTracker\Tick"
Manual shop continues 00000000000000ab Server /user/$ Error rpc.service=null server.address="10.0.0.1" order=7 error.type="42S02"
  child Client stock Unset rpc.service="warehouse" server.address="10.0.0.2:9501"
Manual script Server /plain Unset rpc.service=null server.address="127.0.0.1" order=null error.type=null
Manual shop Server outer Unset rpc.service=null server.address=null order=null error.type=null
Manual shop Server inner Unset rpc.service=null server.address=null order=null error.type=null
Manual shop Server coded Error rpc.service=null server.address="10.9.9.9" order=null error.type="17"
Manual shop Server left Error rpc.service=null server.address=null order=null error.type="4444"
Script script Internal script Unset rpc.service=null server.address=null order=null error.type=null
script /plain : 1 [["200",1]]
script script : 1 [["0",1]]
shop /user/$ : 1 [["42S02",1]]
shop coded : 1 [["17",1]]
shop inner : 1 [["0",1]]
shop left : 1 [["4444",1]]
shop outer : 1 [["0",1]]
shop stock 10.0.0.2:9501: 1 [["0",1]]
