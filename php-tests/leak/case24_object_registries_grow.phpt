--TEST--
Case 24: SplObjectStorage and a map by spl_object_id() grow
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Client
{
    public string $buffer = '';
}

class Server
{
    public SplObjectStorage $clients;
    public array $byId = [];

    public function __construct()
    {
        $this->clients = new SplObjectStorage();
    }

    public function connect(): void
    {
        $client = new Client(); // LEAK
        $this->clients->attach($client, random_bytes(100)); // LEAK
        $other = new Client(); // LEAK
        $this->byId[spl_object_id($other)] = $other; // LEAK
    }
}

$server = new Server();
loops(100, function (int $i) use ($server): void {
    trackerHookMalloc();
    $server->connect();
});
check_grows();
check_holder('->clients');
--EXPECT--
loops recorded: 99
lines that grow: 4, as planted
held by: ->clients
