--TEST--
Fibers: each is a lane below the span that was open at its birth; one without spans does not show
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    function table(string $name) { (new PDO('sqlite::memory:'))->exec("CREATE TABLE $name (a)"); }
    $a = new Fiber(function () { table('a1'); Fiber::suspend(); table('a2'); });
    $b = new Fiber(function () {
        $inner = new Fiber(fn () => table('inner'));
        $inner->start();
        Fiber::suspend();
    });
    $silent = new Fiber(fn () => Fiber::suspend());
    $a->start(); $b->start(); $silent->start();
    table('main');
    $a->resume(); $b->resume(); $silent->resume();
    PHP);
$spans = array_column($receiver->spans(), null, 'span_id');
foreach ($spans as $span) {
    if (str_starts_with($span['name'], 'CREATE')) {
        for ($path = []; $span; $span = $spans[$span['parent_span_id']] ?? null) {
            $path[] = str_starts_with($span['name'], 'traced') ? 'script' : $span['name'];
        }
        echo implode(' < ', $path), "\n";
    }
}
echo count(array_filter($spans, fn ($s) => $s['name'] === 'fiber')), " lanes\n";
--EXPECT--
CREATE a1 < fiber < script
CREATE inner < fiber < fiber < script
CREATE main < script
CREATE a2 < fiber < script
3 lanes
