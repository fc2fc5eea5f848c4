--TEST--
curl_multi: every transfer is a span and a call, also when more are under way than are watched; those of a parent are not a child's
--SKIPIF--
<?php $needs = ['curl']; require __DIR__ . '/skip.inc'; function_exists('pcntl_fork') or die('skip no pcntl');
--FILE--
<?php
require __DIR__ . '/helper.inc';
/** Calls of this kind that were counted, and how many of them failed. */
function counted(Receiver $receiver): array
{
    $calls = $errors = 0;
    foreach (array_merge([], ...array_column($receiver->of('stats'), 'rows')) as $row) {
        if ($row['system'] === 'http') {
            $calls += $row['calls'];
            $errors += $row['errors'];
        }
    }
    return [$calls, $errors];
}

// More than two generations of notes.
const MANY = 8500;
$receiver = new Receiver();
echo $receiver->run('const MANY = ' . MANY . ';' . <<<'PHP'
    $tick = SwooleTracker\Stats::beforeExecRpc('served', 'app', '');
    $multi = curl_multi_init();
    for ($i = 0; $i < MANY; $i++) {
        if ($i === 8192) {
            // The next one has no place: it takes that of 4 096 others, which in the child are the parent's.
            if (pcntl_fork() === 0) {
                curl_multi_add_handle($multi, curl_init('http://127.0.0.1:1/'));
                exit;
            }
            pcntl_wait($status);
        }
        curl_multi_add_handle($multi, $handles[] = curl_init('http://127.0.0.1:1/'));
    }
    foreach ($handles as $handle) {
        curl_multi_remove_handle($multi, $handle);
    }
    SwooleTracker\Stats::afterExecRpc($tick, true, 0);
    // The end of the script does not wait for so much.
    usleep(1500000);
    PHP);
$spans = array_filter($receiver->spans(), fn ($span) => $span['kind'] === 'Client');
// In the child nobody hears of the end.
$childs = array_filter($spans, fn ($span) => isset($span['attributes']['error.type']));
$unwatched = array_filter($spans, fn ($span) => isset($span['attributes']['swoole_tracker.unwatched']));
[$calls, $errors] = counted($receiver);
echo 'spans: ', count($spans) - count($childs), ' of ', MANY, ' and ', count($childs), ' of the child, some of them unwatched: ', $unwatched ? 'yes' : 'no', "\n";
echo "calls: $calls of ", MANY + 1, ", $errors failed\n";
--EXPECT--
spans: 8500 of 8500 and 1 of the child, some of them unwatched: yes
calls: 8501 of 8501, 1 failed
