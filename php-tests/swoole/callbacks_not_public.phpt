--TEST--
Callbacks that are not public: timers call them, servers and processes refuse them, as without tracing
--INI--
apm.enable=0
--SKIPIF--
<?php require __DIR__ . '/../trace/skip.inc'; if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--FILE--
<?php
require __DIR__ . '/../trace/helper.inc';
$script = <<<'PHP'
    class Base
    {
        public function known() { echo "parent's\n"; }
    }
    final class App extends Base
    {
        public function known() { echo "own\n"; }
        private function secret(...$arguments) { echo 'private ', count($arguments), "\n"; }
        private function once($timer) { echo "tick\n"; Swoole\Timer::clear($timer); }
        protected static function shared() { echo "protected static\n"; }
        private function body($process) { echo "process\n"; }
        private function page($request, $response) { $response->end('page'); }
        public function run()
        {
            Swoole\Timer::after(1, [$this, 'secret'], 1, 2);
            Swoole\Timer::after(2, [static::class, 'shared']);
            Swoole\Timer::after(3, 'App::shared');
            Swoole\Timer::after(5, @[$this, 'parent::known']);
            Swoole\Timer::after(6, fn () => print("closure\n"));
            Swoole\Timer::tick(8, [$this, 'once']);
            try {
                Swoole\Timer::after(5, [$this, 'nobody']);
            } catch (TypeError $e) {
                echo get_class($e), "\n";
            }
            Swoole\Event::wait();
        }
    }
    final class Closed
    {
        private function page($request, $response) {}
        private function body($process) {}
        public function run()
        {
            $process = new Swoole\Process([$this, 'body'], false, 0);
            @$process->start();
            Swoole\Process::wait();
            $server = new Swoole\Http\Server('127.0.0.1', 0, SWOOLE_BASE);
            var_dump(@$server->on('request', [$this, 'page']));
        }
    }
    error_reporting(E_ALL & ~E_DEPRECATED);
    (new App())->run();
    (new Closed())->run();
    PHP;
$receiver = new Receiver();
$receiver->modules = Receiver::SWOOLE;
$with = $receiver->run($script);
$without = $receiver->run($script, [], ['apm.enable' => 0]);
echo $with === $without ? "the same\n$with" : "without:\n$without\nwith:\n$with";
$kinds = array_count_values(array_column($receiver->of('segment'), 'unit'));
ksort($kinds);
echo json_encode($kinds), "\n";
--EXPECT--
the same
TypeError
private 2
protected static
protected static
parent's
closure
tick
bool(false)
bool(false)
{"Script":1,"Timer":5}
