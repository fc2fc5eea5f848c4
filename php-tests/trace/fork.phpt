--TEST--
A forked child is a process of its own, sends nothing of its parent, and the parent everything once
--SKIPIF--
<?php $needs = ['pdo_sqlite', 'curl']; require __DIR__ . '/skip.inc'; function_exists('pcntl_fork') or die('skip no pcntl');
--FILE--
<?php
require __DIR__ . '/helper.inc';
$receiver = new Receiver();
echo $receiver->run(<<<'PHP'
    $db = new PDO('sqlite::memory:');
    // A transfer that is under way is the parent's, too.
    $multi = curl_multi_init();
    curl_multi_add_handle($multi, $curl = curl_init('http://127.0.0.1:1/'));
    for ($i = 0; $i < 5; $i++) {
        $db->exec("CREATE TABLE t$i (a)");
        if (!pcntl_fork()) {
            (new PDO('sqlite::memory:'))->exec("CREATE TABLE child (a)");
            exit($i);
        }
        pcntl_wait($status);
    }
    PHP);
$units = [];
foreach ($receiver->of('segment') as $segment) {
    $text = "$segment[unit]: " . implode(', ', array_map(fn ($s) => preg_replace('~\.\d+~', '', $s['name']), $segment['spans']));
    $units[$text] = ($units[$text] ?? 0) + 1;
}
ksort($units);
foreach ($units as $text => $count) {
    echo "$count $text\n";
}
echo count(array_unique(array_column($receiver->of('segment'), 'trace_id'))), " traces\n";
echo array_sum(array_map(fn ($s) => array_sum(array_column($s['rows'], 'calls')), $receiver->of('stats'))), " calls\n";
--EXPECT--
5 Process: connect, CREATE child, fork
1 Script: connect, CREATE t0, CREATE t1, CREATE t2, CREATE t3, CREATE t4, curl_multi, traced.php
6 traces
23 calls
