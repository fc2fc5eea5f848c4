--TEST--
Where declarations stand: namespaces, traits, enums, anonymous and abstract classes, conditions, bodies
--FILE--
<?php
require __DIR__ . '/helper.inc';
compare(<<<'PHP'
<?php
namespace One {
    interface Shape { public function area(): float; }
    abstract class Base implements Shape
    {
        abstract protected function side(): float;
        public function area(): float { return $this->side() ** 2; }
    }
    trait Loud { public function say(string $text): string { return strtoupper($text) . '!'; } private static function quiet() { return 'q'; } public static function both() { return self::quiet(); } }
    final class Square extends Base { use Loud { say as shout; } protected function side(): float { return 2.0; } }
    enum Suit: string
    {
        case Hearts = 'H';
        public function label(): string { return ucfirst(strtolower($this->name)); }
        public static function first(): self { return self::Hearts; }
    }
    #[\Attribute]
    final class Mark { public function __construct(public string $text = '') {} }
    /** Documented. */
    #[Mark('here')]
    function marked() { return __FUNCTION__ . __LINE__ . __NAMESPACE__; }
    echo marked(), (new \ReflectionFunction('One\marked'))->getDocComment(), "\n";
    echo (new \ReflectionFunction('One\marked'))->getAttributes()[0]->newInstance()->text, "\n";
}
namespace Two {
    if (true) { function conditional() { return 'yes'; } } else { function conditional() { return 'no'; } }
    function outer() { function inner() { return 'inner'; } class InnerClass { function m() { return __METHOD__; } } return inner(); }
    function nothing() {}
    function never(): never { throw new \Exception('never comes back'); }
    function jumps(int $n) { again: if ($n-- > 0) { goto again; } goto end; echo 'skipped'; end: return $n; }
    function loops() { foreach ([1, 2] as $x) { while (true) { if ($x) { continue 2; } break; } } switch (1) { case 1: return 'switch'; } }
    function implicit() { $a = 1; }
    $square = new \One\Square;
    echo $square->area(), $square->say('a'), $square->shout('b'), \One\Square::both(), \One\Suit::first()->label(), "\n";
    echo conditional(), outer(), (new InnerClass)->m(), json_encode(nothing()), jumps(3), loops(), json_encode(implicit()), "\n";
    $anonymous = new class(5) extends \ArrayObject { public function __construct(private int $n) { parent::__construct([]); } public function twice() { return $this->n * 2; } };
    echo $anonymous->twice(), "\n";
    try { never(); } catch (\Exception $e) { echo $e->getTraceAsString(), $e->getLine(), "\n"; }
    eval('namespace Evaluated; function f() { return __LINE__; } echo f(), "\n";');
    $closure = function () { return static fn($x) => $x . __FUNCTION__; };
    echo $closure()('arrow'), "\n";
    try { assert((function () { return false; })()); } catch (\AssertionError $e) { echo $e->getMessage(), "\n"; }
}
namespace { echo file_get_contents(__FILE__, false, null, __COMPILER_HALT_OFFSET__); }
__halt_compiler();DATA
PHP, '*', ['zend.assertions' => '1']);
?>
--EXPECT--
same
1 begin One\marked (Internal)
1 end
2 begin One\Mark::__construct (Internal)
2 end
3 begin One\Base::area (Internal)
4 begin One\Square::side (Internal)
4 end
3 end
5 begin One\Square::say (Internal)
5 end
6 begin One\Square::shout (Internal)
6 end
7 begin One\Square::both (Internal)
8 begin One\Square::quiet (Internal)
8 end
7 end
9 begin One\Suit::first (Internal)
9 end
10 begin One\Suit::label (Internal)
10 end
11 begin Two\conditional (Internal)
11 end
12 begin Two\outer (Internal)
13 begin Two\inner (Internal)
13 end
12 end
14 begin Two\InnerClass::m (Internal)
14 end
15 begin Two\nothing (Internal)
15 end
16 begin Two\jumps (Internal)
16 end
17 begin Two\loops (Internal)
17 end
18 begin Two\implicit (Internal)
18 end
19 begin ArrayObject@anonymous::__construct (Internal)
19 end
20 begin ArrayObject@anonymous::twice (Internal)
20 end
21 begin Two\never (Internal)
21 failed Exception: never comes back
21 end
22 begin Evaluated\f (Internal)
22 end
23 begin Two\{closure} (Internal)
23 end
