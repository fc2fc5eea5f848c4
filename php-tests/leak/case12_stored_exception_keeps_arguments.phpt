--TEST--
Case 12: a stored exception keeps objects through the arguments in its trace
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
zend.exception_ignore_args=0
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Request
{
    public function __construct(public string $body)
    {
    }
}

class ErrorBag
{
    public static array $errors = [];
}

function fail(Request $request): never
{
    throw new RuntimeException('no such user'); // LEAK
}

function main(int $i): void
{
    trackerHookMalloc();
    $request = new Request(random_bytes(4000)); // LEAK
    try {
        fail($request);
    } catch (RuntimeException $e) {
        ErrorBag::$errors[] = $e; // LEAK
    }
}

loops(80, 'main');
check_grows();
check_holder('ErrorBag::$errors');
--EXPECT--
loops recorded: 79
lines that grow: 3, as planted
held by: ErrorBag::$errors
