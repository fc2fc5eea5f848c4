--TEST--
What the components of Swoft and EasySwoole call, in coroutines without a server: any of the names of the class, many at a time
--SKIPIF--
<?php $needs = ['swoole']; require __DIR__ . '/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/component.inc';
$receiver = new Receiver();
$receiver->modules = Receiver::SWOOLE;
echo $receiver->run(<<<'PHP'
    foreach (['startMemleakCheck', 'endMemleakCheck', 'startBlockCheck', 'endBlockCheck'] as $point) {
        function_exists($point) && ini_get('apm.enable_memcheck') && $point();
    }
    Co\run(function (): void {
        for ($i = 1; $i <= 30; $i++) {
            go(function () use ($i): void {
                $class = ['StatsCenter', 'Tracker\Stats', 'SwooleTracker\Stats'][$i % 3];
                $trace = sprintf('%016x', 0xa000 + $i);
                $tick = $class::beforeExecRpc("/job/$i", 'swoft', '127.0.0.1', $trace, '');
                Co::sleep(mt_rand(1, 9) / 1000);
                $done = new Swoole\Coroutine\Channel(1);
                go(function () use ($class, $i, $done): void {
                    $call = $class::beforeReqRpc('stock', 'warehouse', "10.0.0.$i:80");
                    Co::sleep(mt_rand(1, 9) / 1000);
                    $class::afterReqRpc($call, $i % 10 !== 0, $i % 10 ? 0 : '111');
                    $done->push(true);
                });
                $done->pop();
                getSwooleTrackerTraceId() === $trace or print("$i is in another trace\n");
                $class::afterExecRpc($tick, true, 0);
                getSwooleTrackerTraceId() === $trace and print("$i never left\n");
            });
        }
    });
    echo "done\n";
    PHP);
$wrong = 0;
$roots = roots($receiver);
$seen = [];
$traces = [];
foreach ($receiver->of('segment') as $segment) {
    // A coroutine that ends after its root sends a segment of its own.
    $traces[substr($segment['trace_id'], 16)] = ($traces[substr($segment['trace_id'], 16)] ?? []) + array_column($segment['spans'], null, 'span_id');
}
foreach ($traces as $trace => $spans) {
    foreach ($spans as $span) {
        if ($span['name'] !== 'stock') {
            continue;
        }
        $lane = $spans[$span['parent_span_id']] ?? null;
        $root = $spans[$lane['parent_span_id'] ?? ''] ?? null;
        $number = (int) substr($span['peer'], strlen('10.0.0.'));
        $wrong += ($lane['name'] ?? '') !== 'go' || ($root['name'] ?? '') !== '/job/$'
            || $trace !== sprintf('%016x', 0xa000 + $number)
            || ($span['status'] === 'Error') !== ($number % 10 === 0);
        $seen[$number] = true;
    }
}
echo count($roots['/job/$']), ' roots, ', count($seen), " calls, $wrong in a wrong place\n";
echo implode("\n", preg_grep('~^swoft~', counted($receiver))), "\n";
--EXPECT--
done
30 roots, 30 calls, 0 in a wrong place
swoft /job/$: 30 calls, 0 errors, codes {"0":30}
