--TEST--
Fibers that interleave, exit(), and functions that are destroyed half-way
--FILE--
<?php
require __DIR__ . '/helper.inc';
compare(<<<'PHP'
<?php
function a($name) { Fiber::suspend("$name 1"); b($name); return $name; }
function b($name) { Fiber::suspend("$name 2"); }
$x = new Fiber('a'); $y = new Fiber('a');
echo $x->start('x'), $y->start('y'), "\n";
echo $x->resume(), $y->resume(), "\n";
$x->resume(); echo $x->getReturn(), "\n";
$y->resume();
$z = new Fiber('a'); $z->start('z'); unset($z);
function stops() { try { exit("bye\n"); } finally { echo "never\n"; } }
register_shutdown_function(function () { echo "shutdown\n"; });
stops();
PHP);
?>
--EXPECT--
same
1 begin a (Internal)
2 begin a (Internal)
3 begin b (Internal)
4 begin b (Internal)
3 end
1 end
4 end
2 end
5 begin a (Internal)
5 end
6 begin stops (Internal)
7 begin {closure} (Internal)
7 end
