--TEST--
Slim: the route's pattern
--SKIPIF--
<?php if (!stream_resolve_include_path('Slim/autoload.php')) echo 'skip Slim is not installed'; ?>
--FILE--
<?php
require __DIR__ . '/helper.inc';
echo implode("--\n", app('slim3.php', ['error_reporting' => '0']));
?>
--EXPECT--
200 user 7
404 
--
route /users/{id}/posts
route (none)
