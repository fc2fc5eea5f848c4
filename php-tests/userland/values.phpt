--TEST--
References, variadics, defaults, named arguments, static variables, symbol tables
--FILE--
<?php
require __DIR__ . '/helper.inc';
compare(<<<'PHP'
<?php
declare(strict_types=1);
namespace Lib;
use function strlen as length;
use ArrayObject as Thing;
class Box
{
    private array $items = [1];
    public function __construct(public readonly int $size = 2, protected ?Thing $thing = null) {}
    public function &items(): array { return $this->items; }
    public function __destruct() { echo "gone $this->size\n"; }
    public function __call($name, $arguments) { return "$name " . json_encode($arguments); }
    public static function __callStatic($name, $arguments) { return "static $name"; }
    public function __get($name) { return "get $name"; }
    public function __toString(): string { return 'box'; }
}
function all(&$ref, $plain = PHP_VERSION_ID, string ...$rest)
{
    static $calls = 0, $seen = [];
    $seen[] = ++$calls;
    $ref .= 'x';
    $name = 'dynamic';
    $$name = length('four');
    extract(['extracted' => 1]);
    $defined = array_keys(get_defined_vars());
    return [func_num_args(), func_get_args(), $rest, $calls, $defined, compact('dynamic')];
}
$r = 'r';
echo json_encode([all($r), all($r, 5, 'a', 'b'), all(ref: $r, key: 'named'), $r]), "\n";
$box = new Box(size: 3);
$items = &$box->items();
$items[] = 2;
echo json_encode($box->items()), $box->missing(1, 2), Box::missing(), $box->nope, $box, "\n";
try { all($r, 1, 2); } catch (\TypeError $e) { echo $e->getMessage(), ' ', $e->getLine(), "\n"; }
try { length(5); } catch (\TypeError $e) { echo $e->getMessage(), "\n"; }
unset($items, $box);
$f = all(...);
echo json_encode($f($r)), "\n";
echo (new \ReflectionFunction('Lib\all'))->getStartLine(), (new \ReflectionFunction('Lib\all'))->getEndLine(), "\n";
PHP, 'Lib\all(*), Lib\Box::*');
?>
--EXPECT--
same
1 begin Lib\all (Internal)
1 code.argument.0=r
1 end
2 begin Lib\all (Internal)
2 code.argument.0=rx
2 code.argument.1=5
2 code.argument.2=a
2 code.argument.3=b
2 end
3 begin Lib\all (Internal)
3 code.argument.0=rxx
3 end
4 begin Lib\Box::__construct (Internal)
4 end
5 begin Lib\Box::items (Internal)
5 end
6 begin Lib\Box::items (Internal)
6 end
7 begin Lib\Box::__call (Internal)
7 end
8 begin Lib\Box::__callStatic (Internal)
8 end
9 begin Lib\Box::__get (Internal)
9 end
10 begin Lib\Box::__toString (Internal)
10 end
11 begin Lib\Box::__destruct (Internal)
11 end
12 begin Lib\all (Internal)
12 code.argument.0=rxxx
12 end
