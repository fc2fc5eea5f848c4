--TEST--
A4 with Swoole: $this->pro[] in a handler closure: that line is named
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';
require __DIR__ . '/requests.inc';

class Server
{
    public array $pro = [];

    public function handler(): Closure
    {
        return function (int $i): void {
            trackerHookMalloc();
            $this->pro[] = str_repeat(chr($i), 12 * 1024); // LEAK
        };
    }
}

$server = new Server();
requests(40, $server->handler());
check_grows();
check_leaking_loops();
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
old report: 39 loops, each names the planted line
