--TEST--
SwooleTracker\Span: parents, attributes, events, errors; ends with its object, across fibers, and once
--SKIPIF--
<?php require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    declare(strict_types=1);
    use SwooleTracker\Span;
    $outer = Span::start('outer', ['tenant' => 'a', 'n' => 3, 'ok' => true, 'ratio' => 0.5, 'list' => [1, 'x'], 'none' => null]);
    $inner = Span::start('inner')->attribute('k', 'v')->attribute('k', 'w')->event('cache.miss', ['key' => 'q']);
    $inner->error(new DomainException('lost'))->end();
    $inner->attribute('late', 1)->event('late')->end();
    (function () { Span::start('forgotten'); })();
    Span::start('told')->error('a text')->end();
    try {
        Span::start('wrong')->error(5);
    } catch (TypeError $e) {
        echo $e->getMessage(), "\n";
    }
    // Overlapping.
    $a = Span::start('a');
    $b = Span::start('b');
    $a->end();
    $b->end();
    // Begun in a fiber, ended after it.
    $fiber = new Fiber(fn () => Span::start('crosses'));
    $fiber->start();
    $crossing = $fiber->getReturn();
    unset($fiber);
    $crossing->end();
    $outer->end();
    try {
        clone $b;
    } catch (Error $e) {
        echo get_class($e), "\n";
    }
    $GLOBALS['kept'] = Span::start('kept');
    exit;
    PHP);
$names = ['0000000000000000' => 'none'];
foreach ($receiver->spans() as $span) {
    $names[$span['span_id']] = preg_replace('~traced.*~', 'script', $span['name']);
}
foreach ($receiver->spans() as $span) {
    unset($span['attributes']['process.command']);
    echo $names[$span['span_id']], ' < ', $names[$span['parent_span_id']] ?? $span['parent_span_id'], " $span[status] ",
        json_encode($span['attributes'], JSON_PRESERVE_ZERO_FRACTION), ' ',
        json_encode(array_map(fn ($e) => [$e['name'], $e['attributes']], $span['events'])), "\n";
}
--EXPECT--
SwooleTracker\Span::error(): Argument #1 ($error) must be of type Throwable|string
Error
inner < outer Error {"error.type":"DomainException","k":"w"} [["cache.miss",{"key":"q"}],["exception",{"exception.message":"lost","exception.type":"DomainException"}]]
forgotten < outer Unset [] []
told < outer Error {"error.type":"error"} []
wrong < outer Unset [] []
a < outer Unset [] []
b < a Unset [] []
fiber < outer Unset [] []
crosses < fiber Unset [] []
outer < script Unset {"list":"1,x","n":3,"ok":true,"ratio":0.5,"tenant":"a"} []
kept < script Unset [] []
script < none Unset {"process.exit.code":0} []
