--TEST--
Objects in listeners, the property that holds them, magic methods untouched
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.holder_budget_ms=2000
--FILE--
<?php
require __DIR__ . '/holders.inc';

class Request
{
    public string $body = "";

    public function __get(string $name): mixed
    {
        die("a magic method was called");
    }
}

class Listener
{
    public function __construct(private readonly Request $request)
    {
    }
}

class Router
{
    public static array $listeners = [];
}

function main(int $i): void
{
    trackerHookMalloc();
    $request = new Request(); // LEAK
    $request->dynamic = random_bytes(500);
    Router::$listeners[] = new Listener($request);
}

error_reporting(E_ALL & ~E_DEPRECATED);
show_holders('main');
--EXPECT--
static: Router::$listeners[*]->request (object Request, array of N elements)
