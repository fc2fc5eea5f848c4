<?php
// Slim 3 serves one request; another fits no route.
require 'Slim/autoload.php';
foreach (['/users/7/posts', '/none'] as $path) {
    $environment = Slim\Http\Environment::mock(['REQUEST_METHOD' => 'GET', 'REQUEST_URI' => $path]);
    $app = new Slim\App(['environment' => $environment, 'settings' => ['displayErrorDetails' => false]]);
    $app->get('/users/{id}/posts', fn ($request, $response, $args) => $response->write("user $args[id]\n"));
    $response = $app->run(true);
    echo $response->getStatusCode(), ' ', $response->getStatusCode() === 200 ? $response->getBody() : "\n";
}
