<?php
// Symfony's kernel, router and dispatcher without the bundle.
require 'Symfony/Component/HttpKernel/autoload.php';
require 'Symfony/Component/Routing/autoload.php';
use Symfony\Component\EventDispatcher\EventDispatcher;
use Symfony\Component\HttpFoundation\{Request, RequestStack, Response};
use Symfony\Component\HttpKernel\Controller\{ArgumentResolver, ControllerResolver};
use Symfony\Component\HttpKernel\EventListener\RouterListener;
use Symfony\Component\HttpKernel\{HttpKernel, HttpKernelInterface};
use Symfony\Component\Routing\Matcher\UrlMatcher;
use Symfony\Component\Routing\{RequestContext, Route, RouteCollection};

$routes = new RouteCollection();
$routes->add('user_show', new Route('/users/{id}', ['_controller' => function (int $id) use (&$kernel) {
    // A sub-request is not what is served.
    $kernel->handle(Request::create('/part'), HttpKernelInterface::SUB_REQUEST);
    return new Response("user $id");
}]));
$routes->add('part', new Route('/part', ['_controller' => fn () => new Response('part')]));
$dispatcher = new EventDispatcher();
$dispatcher->addSubscriber(new RouterListener(new UrlMatcher($routes, new RequestContext()), new RequestStack()));
$kernel = new HttpKernel($dispatcher, new ControllerResolver(), new RequestStack(), new ArgumentResolver());
echo $kernel->handle(Request::create('/users/5'))->getContent(), "\n";
try {
    $kernel->handle(Request::create('/none'));
} catch (Symfony\Component\HttpKernel\Exception\NotFoundHttpException $e) {
    echo "not found\n";
}
