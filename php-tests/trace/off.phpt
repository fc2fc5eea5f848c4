--TEST--
enable=0: nothing is hooked, nothing is sent
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/skip.inc';
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run('(new PDO("sqlite::memory:"))->exec("CREATE TABLE t (a)"); echo "ran\n";', [], ['apm.enable' => 0]);
$info = $receiver->run('', ['--ri', 'swoole_tracker'], ['apm.enable' => 0]);
preg_match('~^Functions instrumented.*~m', $info, $found);
echo $found[0] ?? $info, "\n";
preg_match('~^Tracing.*~m', $info, $found);
echo $found[0] ?? $info, "\n";
echo count($receiver->stop()), " records\n";
--EXPECT--
ran
Functions instrumented => 0
Tracing => off: enable is 0, nothing is hooked
0 records
