<?php

namespace Demo;

use Closure;

/** Finds the handler of a path, and runs what is to be done after the response. */
final class Router
{
    /**
     * THE LEAK: what is registered for one request stays for all the others,
     * because finish() calls the listeners and forgets to forget them. Each of
     * them holds its request.
     *
     * @var list<Closure>
     */
    public static array $listeners = [];

    /** @var array<string, Closure> */
    private array $routes = [];

    public function add(string $prefix, Closure $handler): void
    {
        $this->routes[$prefix] = $handler;
    }

    public function dispatch(Request $request): string
    {
        foreach ($this->routes as $prefix => $handler) {
            if (str_starts_with($request->path, $prefix)) {
                return $handler($request);
            }
        }
        return "nothing here\n";
    }

    public static function afterResponse(Closure $listener): void
    {
        self::$listeners[] = $listener;
    }

    public static function finish(): void
    {
        foreach (self::$listeners as $listener) {
            $listener();
        }
        // self::$listeners = [];
    }
}
