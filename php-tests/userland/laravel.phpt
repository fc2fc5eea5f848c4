--TEST--
Laravel: the route's address, and the controller as a span
--EXTENSIONS--
mbstring
--SKIPIF--
<?php if (!stream_resolve_include_path('Illuminate/Routing/autoload.php')) echo 'skip Laravel is not installed'; ?>
--FILE--
<?php
require __DIR__ . '/helper.inc';
echo implode("--\n", app('laravel.php', ['error_reporting' => '0']));
?>
--EXPECT--
user 9
home
--
route /users/{id}
1 begin Users@show (Internal)
1 end
route /
