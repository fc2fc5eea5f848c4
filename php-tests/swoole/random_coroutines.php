<?php
/*
 * Random trees of interleaved Swoole coroutines: php random_coroutines.php SEED
 * [REQUESTS]. The same as leak/random_fibers.php with go(), sleep, channels,
 * defer and exceptions; each request is a root coroutine, as in a server.
 */

require __DIR__ . '/../leak/helper.inc';
require __DIR__ . '/../leak/random_sites.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\Channel;
use Swoole\Timer;

/** The main function. */
function request(array $program): void
{
    trackerHookMalloc();
    run($program);
}

/** Runs a program; its children may outlive it. */
function run(array $program): void
{
    $held = [];
    try {
        foreach ($program as [$step, $what]) {
            switch ($step) {
                case 'visit':
                    $held[] = Sites::visit($what);
                    break;
                case 'yield':
                    Coroutine::sleep(0.001 * (1 + $what));
                    break;
                case 'replace':
                    Sites::$cells[$what] = random_bytes(50);
                    Coroutine::defer(function () use ($held): void {
                        Coroutine::sleep(0.001);
                        $copy = count($held) . 'x';
                    });
                    break;
                case 'cycle':
                    $a = Coroutine::getContext();
                    $a['self'] = [random_bytes(100 * $what)];
                    unset($a);
                    break;
                case 'child':
                    $channel = new Channel(1);
                    go(function () use ($what, $channel): void {
                        run($what);
                        $channel->push(random_bytes(64));
                    });
                    if (count($what) % 2) {
                        $held[] = $channel->pop(); // waits; the others run on
                    }
                    break;
                case 'throw':
                    throw new DomainException('planned');
            }
        }
    } catch (DomainException $e) {
        // A child that throws ends its own program only.
    }
}

$seed = (int) ($argv[1] ?? 1);
$requests = (int) ($argv[2] ?? 200);
mt_srand($seed);
Sites::plant();

// A timer callback is a root coroutine. Programs are drawn in a fixed order.
Timer::tick(2, function (int $timer) use (&$requests): void {
    if ($requests-- <= 0) {
        Timer::clear($timer);
        return;
    }
    request(Sites::program());
});
Swoole\Event::wait();
Sites::check($seed);
