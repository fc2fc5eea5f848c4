--TEST--
Another process sees the newest loop while this one waits, in whatever function
--EXTENSIONS--
curl
readline
sockets
sysvmsg
--SKIPIF--
<?php if (!function_exists('pcntl_fork')) die('skip pcntl is not loaded');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

/**
 * A port of the loopback that answers no more: whoever connects waits. $server
 * keeps it open, $callers fill its queue.
 */
const FULL_PORT = <<<'PHP'
    $server = stream_socket_server('tcp://127.0.0.1:0', $e, $m, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN,
        stream_context_create(['socket' => ['backlog' => 1]]));
    $address = stream_socket_get_name($server, false);
    $port = (int) substr(strrchr($address, ':'), 1);
    for ($n = 0; $n < 8; $n++) {
        $callers[] = stream_socket_client("tcp://$address", $e, $m, 1, STREAM_CLIENT_CONNECT | STREAM_CLIENT_ASYNC_CONNECT);
    }
    usleep(50_000)
    PHP;

/** A server that accepts and says nothing, and a client that is to ask it. */
const ASKED = '$s = stream_socket_server("tcp://127.0.0.1:0"); $c = curl_init("http://" . stream_socket_get_name($s, false))';

/** Starts a program that makes three loops and the call. */
function start(string $before, string $call): array
{
    $program = temp_file("<?php\n" . <<<'PHP'
    function main(int $i): void
    {
        trackerHookMalloc();
        static $kept = [];
        $kept[] = str_repeat(chr($i), 1000);
    }
    PHP . "\n$before;\nmain(0); main(1); main(2); $call;\n");
    $log = tempnam(sys_get_temp_dir(), 'trk') . '.log';
    $options = getenv('TEST_PHP_EXTRA_ARGS') . " -d apm.leak_log=$log";
    $command = 'exec timeout 30 ' . getenv('TEST_PHP_EXECUTABLE') . " $options $program";
    $child = proc_open($command, [['pipe', 'r'], ['file', '/dev/null', 'w'], STDERR], $pipes);
    return [$log, $child, $pipes, $program];
}

/** Runs the rows and returns their programs. */
function check_waits(array $rows): array
{
    $programs = [];
    foreach (array_chunk($rows, 4) as $some) {
        $started = [];
        foreach ($some as [$before, $call]) {
            $started[$call] = start($before, $call);
        }
        foreach ($started as $call => [$log, $child, $pipes, $program]) {
            $seen = '';
            for ($tries = 0; $tries < 40 && $seen !== 'Loop 0 Loop 1'; $tries++) {
                usleep(20_000);
                [, $out] = php(['-r', 'trackerAnalyzeLeak();'], ['apm.leak_log' => $log]);
                preg_match_all('/(Loop \d+)\)\].*TotalLeak/', $out, $found);
                $seen = implode(' ', $found[1]);
            }
            $running = proc_get_status($child)['running'];
            if ($seen !== 'Loop 0 Loop 1' || !$running) {
                echo "$call: seen '$seen'", $running ? '' : ', but it has ended', "\n";
            }
            proc_terminate($child);
            fclose($pipes[0]);
            proc_close($child);
            array_map('unlink', glob("$log*"));
            $programs[] = $program;
        }
    }
    echo count($programs), " functions\n";
    return $programs;
}

// What goes before the loops, and the call that follows the last one with no
// check point of the VM between them. Standard input is a pipe that stays open
// and empty.
$programs = check_waits([
    ['', 'sleep(20)'],
    ['', 'usleep(20_000_000)'],
    ['', 'time_nanosleep(20, 0)'],
    ['$until = microtime(true) + 20', 'time_sleep_until($until)'],
    ['$r = [STDIN]; $w = $e = null', 'stream_select($r, $w, $e, 20)'],
    ['$s = stream_socket_server("tcp://127.0.0.1:0")', 'stream_socket_accept($s, 20)'],
    ['', 'fgets(STDIN)'],
    ['', 'fgetc(STDIN)'],
    ['', 'fgetcsv(STDIN, null, ",", "\"", "")'],
    ['', 'fread(STDIN, 10)'],
    ['', 'stream_get_line(STDIN, 10)'],
    ['', 'stream_get_contents(STDIN)'],
    ['$to = fopen("php://memory", "w")', 'stream_copy_to_stream(STDIN, $to)'],
    ['', 'file_get_contents("php://stdin")'],
    ['', 'file("php://stdin")'],
    ['', 'readfile("php://stdin")'],
    ['$a = fopen(__FILE__, "r"); flock($a, LOCK_EX); $b = fopen(__FILE__, "r")', 'flock($b, LOCK_EX)'],
    ['', 'exec("cat")'],
    ['', 'shell_exec("cat")'],
    ['', 'system("cat")'],
    ['', 'passthru("cat")'],
    ['$p = proc_open("cat", [STDIN], $pipes)', 'proc_close($p)'],
    ['if (!pcntl_fork()) exit((int) fgets(STDIN))', 'pcntl_wait($status)'],
    ['if (!$child = pcntl_fork()) exit((int) fgets(STDIN))', 'pcntl_waitpid($child, $status)'],
    ['$set = [SIGUSR1]; $i = []', 'pcntl_sigtimedwait($set, $i, 20)'],
    ['$set = [SIGUSR1]; $i = []', 'pcntl_sigwaitinfo($set, $i)'],
    [FULL_PORT, 'fsockopen("127.0.0.1", $port, $e, $m, 20)'],
    [FULL_PORT, 'stream_socket_client("tcp://$address", $e, $m, 20)'],
    ['$s = socket_create_listen(0)', 'socket_accept($s)'],
    ['$r = [socket_create_listen(0)]; $w = $e = null', 'socket_select($r, $w, $e, 20)'],
    ['socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $s)', 'socket_read($s[0], 10)'],
    ['socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $s)', 'socket_recv($s[0], $text, 10, 0)'],
    ['socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $s)', 'socket_recvfrom($s[0], $text, 10, 0, $from)'],
    ['socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $s); $message = ["buffer_size" => 10, "controllen" => 100]', 'socket_recvmsg($s[0], $message)'],
    [FULL_PORT . '; $s = socket_create(AF_INET, SOCK_STREAM, SOL_TCP)', 'socket_connect($s, "127.0.0.1", $port)'],
    ['', 'readline()'],
    // Connected and asked, and no answer comes.
    [ASKED, 'curl_exec($c)'],
    [ASKED . '; $m = curl_multi_init(); curl_multi_add_handle($m, $c);
        for ($n = 0; $n < 300 && !curl_getinfo($c, CURLINFO_REQUEST_SIZE); $n++) { curl_multi_exec($m, $active); usleep(10_000); }
        for ($n = 0; $n < 30; $n++) { curl_multi_exec($m, $active); usleep(10_000); }', 'curl_multi_select($m, 20)'],
    ['$queue = msg_get_queue(ftok(__FILE__, "q"))', 'msg_receive($queue, 0, $type, 100, $message)'],
]);
// A queue outlives its program.
msg_remove_queue(msg_get_queue(ftok(end($programs), 'q')));
--EXPECT--
39 functions
