<?php
require getenv('SITE_CODE') . '/kernel.php';
$kernel = new App\Kernel('prod', false);
$response = $kernel->handle($request = Symfony\Component\HttpFoundation\Request::createFromGlobals())->send();
$kernel->terminate($request, $response);
