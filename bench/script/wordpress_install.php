<?php
// Sends its form to WordPress's own installer. SITE FORM
[, $site, $form] = $argv;
parse_str($form, $_POST);
$_GET = ['step' => '2'];
$_REQUEST = $_GET + $_POST;
$_SERVER = ['REQUEST_METHOD' => 'POST', 'HTTP_HOST' => '127.0.0.1', 'SERVER_NAME' => '127.0.0.1', 'SERVER_PORT' => '80',
    'REQUEST_URI' => '/wp-admin/install.php?step=2', 'PHP_SELF' => '/wp-admin/install.php', 'SERVER_PROTOCOL' => 'HTTP/1.1'] + $_SERVER;
require "$site/wp-admin/install.php";
