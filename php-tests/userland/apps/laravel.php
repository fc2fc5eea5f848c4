<?php
// Laravel's router without the framework around it.
foreach (['Routing', 'Events', 'Container', 'Http'] as $part) {
    require_once "Illuminate/$part/autoload.php";
}
use Illuminate\Container\Container;
use Illuminate\Events\Dispatcher;
use Illuminate\Http\Request;
use Illuminate\Routing\Router;

class Users
{
    public function show(string $id): string
    {
        return "user $id";
    }
}
$router = new Router(new Dispatcher($container = new Container()), $container);
$router->get('users/{id}', [Users::class, 'show']);
$router->get('/', fn () => 'home');
foreach (['/users/9', '/'] as $path) {
    echo $router->dispatch(Request::create($path))->getContent(), "\n";
}
