--TEST--
Spans and ticks of a parent do nothing in its child: nothing is sent or counted twice
--SKIPIF--
<?php
require __DIR__ . '/skip.inc';
function_exists('pcntl_fork') or die('skip no pcntl');
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    $tick = SwooleTracker\Stats::beforeExecRpc('served', 'app', '');
    $span = SwooleTracker\Span::start('work');
    $call = SwooleTracker\Stats::beforeReqRpc('called', 'other', '10.0.0.1:80');
    if (pcntl_fork() === 0) {
        SwooleTracker\Stats::afterReqRpc($call, true, 0);
        $span->attribute('child', true)->end();
        SwooleTracker\Stats::afterExecRpc($tick, true, 0);
        exit;
    }
    pcntl_wait($status);
    SwooleTracker\Stats::afterReqRpc($call, true, 0);
    $span->end();
    SwooleTracker\Stats::afterExecRpc($tick, true, 0);
    PHP);
$names = array_count_values(array_column($receiver->spans(), 'name'));
$calls = [];
foreach (array_merge([], ...array_column($receiver->of('stats'), 'rows')) as $row) {
    $calls[$row['endpoint']] = ($calls[$row['endpoint']] ?? 0) + $row['calls'];
}
foreach (['served', 'work', 'called'] as $name) {
    echo "$name: ", $names[$name] ?? 0, ' spans, ', $calls[$name] ?? 0, " counted\n";
}
--EXPECT--
served: 1 spans, 1 counted
work: 1 spans, 0 counted
called: 1 spans, 1 counted
