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
    $time(1000, false);
    foreach ([true, false] as $backwards) {
        // Sixteen times the spans: 256 times the time if it were quadratic.
        $ratio = $time(32000, $backwards) / min($time(2000, $backwards), $time(2000, $backwards), $time(2000, $backwards));
        echo $ratio < 100 ? "fine\n" : "$ratio times as long\n";
    }
    PHP);
?>
--EXPECT--
fine
fine
