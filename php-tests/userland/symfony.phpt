--TEST--
Symfony: the route's name of the main request
--SKIPIF--
<?php if (!stream_resolve_include_path('Symfony/Component/HttpKernel/autoload.php') || !stream_resolve_include_path('Symfony/Component/Routing/autoload.php')) echo 'skip Symfony is not installed'; ?>
--FILE--
<?php
require __DIR__ . '/helper.inc';
echo implode("--\n", app('symfony.php', ['error_reporting' => '0']));
?>
--EXPECT--
user 5
not found
--
route user_show
route (none)
caught Symfony\Component\HttpKernel\Exception\NotFoundHttpException: No route found for "GET http://localhost/none"
