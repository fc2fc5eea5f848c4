--TEST--
Exceptions, their lines, traces and chains are the same; the span has them
--FILE--
<?php
require __DIR__ . '/helper.inc';
compare(<<<'PHP'
<?php
namespace App;
class Bad extends \Exception {}
function thrower(int $n)
{
    if ($n > 1) {
        throw new Bad("n is $n");
    }
    return $n;
}
function catches($x)
{
    try {
        return thrower($x);
    } catch (Bad $e) {
        throw new \LogicException('wrapped', 7, $e);
    } finally {
        echo "own finally\n";
    }
}
function replaced()
{
    try {
        throw new Bad('lost');
    } finally {
        return 'kept';
    }
}
echo thrower(1), "\n";
try {
    catches(5);
} catch (\Exception $e) {
    echo $e, "\n", $e->getLine(), "\n";
}
echo replaced(), "\n";
try {
    thrower('x');
} catch (\TypeError $e) {
    echo $e->getMessage(), $e->getLine(), "\n";
}
set_error_handler(function ($no, $text, $file, $line) { echo "$text on $line\n"; return true; });
function warns(array $a)
{
    echo $a['none'];

    return $a;
}
warns([]);
catches(9);
PHP, 'App\*');
?>
--EXPECT--
same
1 begin App\thrower (Internal)
1 end
2 begin App\catches (Internal)
3 begin App\thrower (Internal)
3 failed App\Bad: n is 5
3 end
2 failed LogicException: wrapped
2 end
4 begin App\replaced (Internal)
4 end
5 begin App\warns (Internal)
5 end
6 begin App\catches (Internal)
7 begin App\thrower (Internal)
7 failed App\Bad: n is 9
7 end
6 failed LogicException: wrapped
6 end
