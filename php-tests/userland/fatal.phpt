--TEST--
Fatal errors, compile errors and declare(ticks) are the same
--FILE--
<?php
require __DIR__ . '/helper.inc';
$ini = ['display_errors' => '1', 'html_errors' => '0', 'error_log' => '', 'log_errors' => '0'];
compare('<?php
function deep($n) { return str_repeat("x", 1 << 20) . deep($n + 1); }
echo "start\n";
deep(0);
', 'other', $ini + ['memory_limit' => '16M']);
compare('<?php
function eats() { $all = []; while (true) { $all[] = str_repeat("x", 100000); } }
register_shutdown_function(function () { echo "shutdown\n"; });
eats();
', '*', $ini + ['memory_limit' => '16M']);
compare('<?php
echo "first\n";
function wrong(): never { return 1; }
', '*', $ini);
compare('<?php
function wrong() { break; }
', '*', $ini);
compare('<?php
declare(ticks=1);
function tick() { static $n = 0; $n++; echo "tick $n\n"; }
register_tick_function("tick");
function f() { $a = 1; return $a; }
f();
', '*', $ini);
?>
--EXPECT--
same
same
1 begin eats (Internal)
2 begin {closure} (Internal)
2 end
same
same
same
