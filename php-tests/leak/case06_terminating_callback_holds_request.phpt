--TEST--
Case 6: a callback that is registered per request keeps the request
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Request
{
    public function __construct(public string $body)
    {
    }
}

class App
{
    public array $terminating = [];

    public function handle(int $i): void
    {
        trackerHookMalloc();
        $request = new Request(random_bytes(2000)); // LEAK
        $this->terminating[] = fn () => $request->body; // LEAK
    }
}

$app = new App();
loops(80, $app->handle(...));
check_grows();
check_holder('->terminating');
// valgrind: PHP does not free closures that hold each other when it ends, with or without us
--EXPECT--
loops recorded: 79
lines that grow: 2, as planted
held by: ->terminating
