--TEST--
WordPress: the rewrite rule that fits, the front page
--SKIPIF--
<?php if (!is_file('/usr/share/wordpress/wp-includes/class-wp.php') && !getenv('WORDPRESS')) echo 'skip WordPress is not installed'; ?>
--FILE--
<?php
require __DIR__ . '/helper.inc';
echo implode("--\n", app('wordpress.php', ['error_reporting' => '0']));
?>
--EXPECT--
{"name":"hello-world"}
[]
--
route /{name}
route /
