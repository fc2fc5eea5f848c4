<?php
/*
 * Drives the Symfony kernel as a worker does: one process, many requests, the
 * services reset between them. handle() is the main function.
 */

require '/usr/share/php/Symfony/Bundle/FrameworkBundle/autoload.php';
require __DIR__ . '/app.php';

use Shop\App;
use Symfony\Component\HttpFoundation\Request;

function handle(App $kernel, Request $request): int
{
    trackerHookMalloc();
    $response = $kernel->handle($request);
    $response->prepare($request);
    $kernel->terminate($request, $response);
    return $response->getStatusCode();
}

$kernel = new App('prod', false);
$statuses = [];
for ($i = 0; $i < (int) getenv('REQUESTS'); $i++) {
    $path = match ($i % 10) {
        7 => '/nowhere',
        9 => '/broken',
        default => '/item/' . ($i % 5),
    };
    $status = handle($kernel, Request::create($path, server: ['HTTP_USER_AGENT' => "visitor $i"]));
    $statuses[$status] = ($statuses[$status] ?? 0) + 1;
}
ksort($statuses);
echo json_encode($statuses), "\n";
