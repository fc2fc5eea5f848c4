--TEST--
Case 10: an identity map that is never cleared grows
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Entity
{
    public function __construct(public int $id, public string $name)
    {
    }
}

class UnitOfWork
{
    private array $identityMap = [];

    public function find(int $id): Entity
    {
        return $this->identityMap[$id] ??= new Entity($id, random_bytes(300)); // LEAK
    }
}

$uow = new UnitOfWork();
loops(40, function (int $i) use ($uow): void {
    trackerHookMalloc();
    $uow->find(1000 + $i);
    $uow->find(1000 + $i); // the second time it comes from the map
});
check_grows();
check_holder('->identityMap');
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
held by: ->identityMap
