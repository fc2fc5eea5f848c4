--TEST--
Case 9: a log handler that buffers without a bound grows
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

class BufferHandler
{
    private array $records = [];

    public function write(string $level, string $message, array $context): void
    {
        $this->records[] = [
            'level' => $level,
            'message' => $message,
            'context' => $context,
        ];
    }
}

class Logger
{
    public function __construct(private BufferHandler $handler)
    {
    }

    public function info(int $i): void
    {
        $context = ['loop' => $i]; // LEAK
        $this->handler->write('info', "request number $i", $context); // LEAK
    }
}

$logger = new Logger(new BufferHandler());
loops(80, function (int $i) use ($logger): void {
    trackerHookMalloc();
    $logger->info($i);
});

// The record itself is one array literal over several lines: which of them
// carries it is the business of the line tests. Here it must be among them.
$process = report();
$found = grows($process);
$literal = array_values(array_diff($found, marked()));
echo 'loops recorded: ', $process['loops'], "\n";
echo 'message and context: ', array_diff(marked(), $found) ? 'missed' : 'reported', "\n";
echo 'the record: ';
[$first] = array_keys(preg_grep('/this->records\[\]/', file(__FILE__)));
$outside = array_filter($literal, fn (string $l) => ($n = (int) substr(strrchr($l, ':'), 1)) < $first + 1 || $n > $first + 5);
echo !$literal ? 'missed' : ($outside ? 'false alarms ' . implode(' ', $outside) : 'reported'), "\n";
check_holder('->records');
--EXPECT--
loops recorded: 79
message and context: reported
the record: reported
held by: ->records
