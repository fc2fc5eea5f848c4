--TEST--
A request that left a coroutine behind holds up the verdicts for a while only; one coroutine left behind by each is found itself
--SKIPIF--
<?php if (!extension_loaded('swoole')) die('skip swoole is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/../leak/helper.inc';

use Swoole\Coroutine;

final class Kept
{
    public static array $all = [];
}

function request(string $what): void
{
    trackerHookMalloc();
    if ($what === 'subscribe' || $what === 'forget') {
        Coroutine::create(function (): void {
            $channel = new Coroutine\Channel(1);
            Kept::$all[] = $channel; // per request: a leak
            $channel->pop();
        });
    }
    if ($what === 'keep') {
        Kept::$all[] = str_repeat('k', 700); // a leak
    }
}

/** What the first process of the log says of itself, in a process of its own. */
function told(string $what, int $others): array
{
    Kept::$all = [];
    trackerCleanLeak();
    for ($i = 0; $i < $others; $i++) {
        Coroutine::create('request', $what);
        Coroutine::sleep(0.001);
    }
    $process = json_decode(trackerLeakReport('json'), true)['processes'][0];
    $text = trackerLeakReport('text');
    preg_match('/nothing grows[^\n]*|\d+ lines? grows?/', $text, $said);
    $lines = array_column(array_filter($process['sites'], fn ($site) => $site['verdict'] === 'grows'), 'line');
    $lines = array_values(array_unique($lines));
    return [$said[0] ?? $text, $lines];
}

Coroutine\run(function (): void {
    Coroutine::create('request', 'none');
    Coroutine::sleep(0.001);
    Coroutine::create('request', 'subscribe');
    Coroutine::sleep(0.001);
    // While the verdicts are held up, the report says so.
    [$said] = told('keep', 25);
    echo preg_replace('/\d+ loops/', 'N loops', $said), "\n";
    // It takes no patience of hundreds of requests.
    [, $lines] = told('keep', 70);
    echo 'kept by a line: ', json_encode($lines), "\n";
    // Each leaves one behind: its own request is judged too.
    [$said, $lines] = told('forget', 120);
    $left = array_intersect($lines, range(15, 18));
    echo 'left behind: ', $left && $left == $lines ? 'found' : $said . json_encode($lines), "\n";
    array_map(fn ($one) => $one instanceof Coroutine\Channel && $one->close(), Kept::$all);
    foreach (Coroutine::list() as $id) {
        $id !== Coroutine::getCid() && Coroutine::cancel($id);
    }
});
--EXPECT--
nothing grows so far, but N loops are not judged yet: a loop that began before they ended still runs, maybe in a coroutine that it started
kept by a line: [22]
left behind: found
