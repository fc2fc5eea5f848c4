--TEST--
Generators: from the first step to the end, however they end
--FILE--
<?php
require __DIR__ . '/helper.inc';
compare(<<<'PHP'
<?php
function &numbers(array &$list)
{
    try {
        foreach ($list as &$n) {
            $got = yield $n;
            if ($got) {
                echo "got $got\n";
            }
        }
        return count($list);
    } finally {
        echo "finally\n";
    }
}
function outer(array $list) { $r = yield from numbers($list); yield "r$r"; }
function fails() { yield 1; throw new RuntimeException('in generator'); }
$list = [1, 2, 3];
foreach (numbers($list) as &$n) { $n *= 2; }
unset($n);
echo json_encode($list), "\n";
$never = numbers($list);
unset($never);
$g = numbers($list); $g->current(); $g->send('hello'); unset($g);
foreach (outer([7, 8]) as $k => $v) { echo "$k=>$v\n"; }
try { foreach (fails() as $v) { echo $v, "\n"; } } catch (RuntimeException $e) { echo $e, "\n"; }
$g = numbers($list); $g->current();
try { $g->throw(new LogicException('thrown in')); } catch (LogicException $e) { echo $e->getMessage(), $e->getLine(), "\n"; }
$open = outer([1]); $open->current();
echo "end\n";
PHP);
?>
--EXPECT--
same
1 begin numbers (Internal)
1 end
2 begin numbers (Internal)
2 end
3 begin outer (Internal)
4 begin numbers (Internal)
4 end
3 end
5 begin fails (Internal)
5 failed RuntimeException: in generator
5 end
6 begin numbers (Internal)
6 failed LogicException: thrown in
6 end
7 begin outer (Internal)
8 begin numbers (Internal)
8 end
7 end
