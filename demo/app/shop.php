<?php
/*
 * A small shop, in the way that many applications are made: a router, a cache,
 * a page built of elements, something global. One of its parts leaks. Which one
 * is what the tracker is for.
 */

namespace Demo;

require_once __DIR__ . '/Request.php';
require_once __DIR__ . '/Router.php';
require_once __DIR__ . '/Catalogue.php';
require_once __DIR__ . '/Element.php';

/** The router of the shop. */
function shop(): Router
{
    $router = new Router();
    $catalogue = new Catalogue();

    $router->add('/product/', function (Request $request) use ($catalogue): string {
        $id = (int) basename($request->path);
        $page = (new Element('html'))->add(
            (new Element('body'))
                ->add((new Element('h1'))->add("Product $id"))
                ->add((new Element('p'))->add($catalogue->describe($id))),
        );

        // Count the visit when the visitor has the page already.
        Router::afterResponse(function () use ($request): void {
            touch_statistics($request->headers['user-agent'] ?? 'unknown');
        });

        // A replaced global: one value at any time, however many requests.
        $GLOBALS['last_page'] = "{$request->method} {$request->path} at " . date('c');

        return (string) $page;
    });

    return $router;
}

/** Stands for a statistics service. */
function touch_statistics(string $agent): int
{
    return strlen($agent);
}
