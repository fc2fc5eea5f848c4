--TEST--
Case 8: a debugging dispatcher keeps one wrapper per dispatch
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Wrapped
{
    public int $calls = 0;

    public function __construct(private \Closure $listener)
    {
    }

    public function __invoke(string $event): void
    {
        $this->calls++;
        ($this->listener)($event);
    }
}

class TracingDispatcher
{
    private array $listeners = [];
    private array $wrapped = [];

    public function listen(string $event, \Closure $listener): void
    {
        $this->listeners[$event][] = $listener;
    }

    public function dispatch(string $event): void
    {
        foreach ($this->listeners[$event] as $listener) {
            $this->wrapped[] = $w = new Wrapped($listener); // LEAK
            $w($event);
        }
    }
}

$dispatcher = new TracingDispatcher();
$dispatcher->listen('request', function (string $event): void {
    $copy = str_repeat($event, 50);
});
loops(40, function (int $i) use ($dispatcher): void {
    trackerHookMalloc();
    $dispatcher->dispatch('request');
});
check_grows();
check_holder('->wrapped');
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
held by: ->wrapped
