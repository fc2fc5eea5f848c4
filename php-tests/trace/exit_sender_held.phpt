--TEST--
A script ends while the sender's thread gets no turn in the middle of its work: PHP does not wait, and what was not sent is told as lost
--EXTENSIONS--
ffi
--SKIPIF--
<?php
$needs = ['pdo_sqlite'];
require __DIR__ . '/skip.inc';
in_array(php_uname('m'), ['x86_64', 'aarch64'], true) or die('skip the number of sendto() is not known here');
--INI--
apm.enable=0
ffi.enable=1
--FILE--
<?php
require __DIR__ . '/helper.inc';
const SEIZE = 0x4206, INTERRUPT = 0x4207, NEXT_CALL = 24, CALL_INFO = 0x420e, ENTRY = 1, ALL = 0x40000000;
const GO = __DIR__ . '/exit_sender_held.go';

/** Stops a thread when it is about to send for that time, and lets the script go on until it ends. */
function hold(int $thread, int $at): void
{
    $c = FFI::cdef('
        struct info { uint8_t op; uint32_t arch; uint64_t ip; uint64_t sp; uint64_t nr; uint64_t args[6]; };
        long ptrace(long request, int id, void *address, void *data);
        int waitpid(int id, int *status, int options);');
    $number = fn (int $n) => FFI::cast('void *', $n);
    $sendto = ['x86_64' => 44, 'aarch64' => 206][php_uname('m')];
    $status = FFI::new('int');
    $info = $c->new('struct info');
    $c->ptrace(SEIZE, $thread, null, $number(1)) === 0 or die("no tracing\n");
    $c->ptrace(INTERRUPT, $thread, null, null);
    for ($i = 0; $i < 2000 && $c->waitpid($thread, FFI::addr($status), ALL) === $thread; $i++) {
        $c->ptrace(CALL_INFO, $thread, $number(FFI::sizeof($info)), FFI::addr($info));
        if ($info->op === ENTRY && $info->nr === $sendto && --$at === 0) {
            echo 'held; ';
            break;
        }
        $c->ptrace(NEXT_CALL, $thread, null, null);
    }
    touch(GO);
    // It ends with its process.
    $c->waitpid($thread, FFI::addr($status), ALL);
}

@unlink(GO);
// The greeting, the first batch, the second.
foreach ([1, 2, 3] as $at) {
    $receiver = new Receiver();
    $started = $receiver->begin('const GO = ' . var_export(GO, true) . ';' . <<<'PHP'
        $db = new PDO('sqlite::memory:');
        $db->exec('CREATE TABLE t (a)');
        for ($until = microtime(true) + 20; !file_exists(GO) && microtime(true) < $until; clearstatcache()) {
            $db->exec('INSERT INTO t VALUES (1)');
            usleep(5000);
        }
        // With the database's begin, its table, this, and the script itself.
        echo $db->query('SELECT count(*) FROM t')->fetchColumn() + 4;
        PHP);
    $pid = proc_get_status($started[0])['pid'];
    // Its first statement starts the thread.
    for ($thread = 0, $until = microtime(true) + 10; !$thread && microtime(true) < $until; usleep(1000)) {
        foreach (glob("/proc/$pid/task/*/comm") as $file) {
            trim((string) @file_get_contents($file)) === 'tracker-sender' and $thread = (int) basename(dirname($file));
        }
    }
    hold($thread, $at);
    $calls = (int) $receiver->end(...$started);
    unlink(GO);

    $lost = ['exit' => 0, 'stats_calls' => 0];
    foreach ($receiver->of('drops') as $drops) {
        foreach ($drops['reasons'] as $reason => $count) {
            $lost[$reason] = ($lost[$reason] ?? 0) + $count;
        }
    }
    $came = 0;
    foreach ($receiver->of('stats') as $bucket) {
        $came += array_sum(array_column($bucket['rows'], 'calls'));
    }
    echo 'segments: ', count($receiver->of('segment')), " came, $lost[exit] lost; calls: ",
        $came > 0 ? 'some' : 'none', ' came, ', $lost['stats_calls'] > 0 ? 'some' : 'none', ' lost, ',
        $came + $lost['stats_calls'] - $calls, " too many\n";
}
--CLEAN--
<?php
@unlink(__DIR__ . '/exit_sender_held.go');
--EXPECT--
held; segments: 0 came, 1 lost; calls: none came, some lost, 0 too many
held; segments: 0 came, 1 lost; calls: none came, some lost, 0 too many
held; segments: 0 came, 1 lost; calls: some came, some lost, 0 too many
