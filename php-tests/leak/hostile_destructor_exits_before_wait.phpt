--TEST--
exit() in a destructor of a loop's garbage: the function that was about to wait is not called
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
        echo "exit\n";
        exit(7);
    }
}
function main(int $i): void
{
    trackerHookMalloc();
    if ($i === 2) {
        new Cycle;
    }
}
main(0);
main(1);
$start = hrtime(true);
register_shutdown_function(function () use ($start) {
    echo hrtime(true) - $start < 5e9 ? 'at once' : 'after the wait', "\n";
});
call_user_func_array('main', [2]);
sleep(6);
echo "not reached\n";
--EXPECT--
exit
at once
