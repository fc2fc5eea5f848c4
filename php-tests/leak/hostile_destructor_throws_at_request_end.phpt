--TEST--
An exception from a loop's garbage that nobody could be given is a warning at the end of the request
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
class Cycle
{
    public Cycle $self;

    public function __construct()
    {
        $this->self = $this;
    }

    public function __destruct()
    {
        throw new Exception('from a destructor');
    }
}
function main(int $i): void
{
    trackerHookMalloc();
    $GLOBALS['kept'][] = str_repeat('x', 1000);
    if ($i === 2) {
        new Cycle;
    }
}
set_error_handler(function () {
    echo "not called that late\n";
    return true;
});
main(0);
main(1);
call_user_func('main', 2);
usleep(1);
echo "end\n";
--EXPECTF--
end

Warning: Uncaught Exception: from a destructor in %s:13
Stack trace:
#0 [internal function]: Cycle->__destruct()
#1 %s(%d): usleep(1)
#2 {main}
  thrown in %s on line 13
