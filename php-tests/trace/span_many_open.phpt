--TEST--
SwooleTracker\Span: many that are open at once end in little time, in any order
--SKIPIF--
<?php require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    $root = SwooleTracker\Span::start('root');
    $time = function (int $count, bool $backwards): float {
        $spans = [];
        $began = hrtime(true);
        for ($i = 0; $i < $count; $i++) {
            $spans[] = SwooleTracker\Span::start('open');
        }
        foreach ($backwards ? array_reverse($spans) : $spans as $span) {
            $span->end();
        }
        return hrtime(true) - $began;
    };
    $least = fn(int $count, bool $backwards) => min(array_map(fn() => $time($count, $backwards), range(1, 4)));
    // Memory that is touched for the first time is slow.
    $time(32000, false);
    foreach ([true, false] as $backwards) {
        // Sixteen times the spans: 256 times the time if it were quadratic.
        $ratio = $least(32000, $backwards) / $least(2000, $backwards);
        echo $ratio < 100 ? "fine\n" : "$ratio times as long\n";
    }
    PHP);
?>
--EXPECT--
fine
fine
