--TEST--
The functions that instrumented code calls cannot be met by accident
--FILE--
<?php
require __DIR__ . '/helper.inc';
compare(<<<'PHP'
<?php
function f() { return debug_backtrace(); }
echo json_encode([f(), function_exists('swoole_tracker_enter')]), "\n";
$names = array_merge(...array_values(get_defined_functions()));
echo json_encode(array_filter($names, fn($n) => str_contains($n, 'tracker_enter') || str_contains($n, 'tracker_leave'))), "\n";
PHP);
compare(<<<'PHP'
<?php
// Called by hand nevertheless: nothing happens.
if (is_callable("\0swoole_tracker_leave")) {
    $leave = "\0swoole_tracker_leave";
    $enter = "\0swoole_tracker_enter";
    function g($leave, $enter) { foreach ([0, -1, 99, 2, PHP_INT_MAX, 'x', null] as $id) { $leave($id); $enter($id); } try { $leave(0); } finally { $leave(0); } }
    g($leave, $enter);
    array_map($leave, [0, 1]);
    $enter(0);
}
echo "done\n";
PHP, 'nothing');
?>
--EXPECTF--
same
1 begin f (Internal)
1 end
same
%A