--TEST--
exit() and a fatal error inside a traced call: what the engine throws for them is of a class without a table of properties
--SKIPIF--
<?php $needs = ['pdo_sqlite']; require __DIR__ . '/skip.inc';
--INI--
apm.enable=0
--FILE--
<?php
require __DIR__ . '/helper.inc';
foreach (['exit(3)', 'trigger_error("planned", E_USER_ERROR)', 'str_repeat("x", 1 << 40)'] as $what) {
    foreach (["fn () => $what", "fn () => (new Fiber(fn () => $what))->start()"] as $function) {
        $receiver = new Receiver();
        echo $receiver->run(<<<PHP
            ini_set('display_errors', 0);
            register_shutdown_function(fn () => print('end '));
            \$db = new PDO('sqlite::memory:');
            \$db->sqliteCreateFunction('work', $function);
            \$db->query('SELECT work()');
            echo 'goes on';
            PHP), count($receiver->of('segment')), " segment\n";
        foreach ($receiver->spans() as $span) {
            echo '  ', preg_replace('~traced\.\d+~', 'traced', line($span)), ' ', $span['attributes']['process.exit.code'] ?? '', "\n";
        }
    }
}
--EXPECT--
end 1 segment
  Client connect Unset 
  Client SELECT Error 
  Internal traced.php Error 3
end 1 segment
  Client connect Unset 
  Client SELECT Error 
  Internal traced.php Error 3
end 1 segment
  Client connect Unset 
  Client PDO::query Error 
  Internal traced.php Error 255
end 1 segment
  Client connect Unset 
  Client PDO::query Error 
  Internal traced.php Error 255
end 1 segment
  Client connect Unset 
  Client SELECT Error 
  Internal traced.php Error 255
end 1 segment
  Client connect Unset 
  Client SELECT Error 
  Internal traced.php Error 255
