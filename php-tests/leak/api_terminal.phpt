--TEST--
On a terminal: the new part in colours unless NO_COLOR says no, and a progress bar for a large log only
--SKIPIF--
<?php if (trim((string) shell_exec('script -qec "echo yes" /dev/null')) !== 'yes') die('skip script(1) is missing');
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000); // LEAK
}

/** What trackerAnalyzeLeak() writes to a terminal: the original's part, the new one. */
function on_terminal(string $environment = ''): array
{
    // php() runs a command line; here it stands inside script(1).
    $inner = temp_file('<?php trackerAnalyzeLeak();');
    $command = (getenv('TEST_PHP_EXECUTABLE') ?: PHP_BINARY) . ' ' . getenv('TEST_PHP_EXTRA_ARGS')
        . ' -d apm.leak_log=' . ini_get('apm.leak_log') . ' ' . $inner;
    $out = shell_exec("$environment timeout 60 script -qec " . escapeshellarg($command) . ' /dev/null </dev/null');
    return explode(VERDICTS, str_replace("\r\n", "\n", (string) $out));
}

loops(40, 'main');
report();
putenv('NO_COLOR');
$colour = on_terminal();
$plain = on_terminal('NO_COLOR=1');
echo 'colours: ', str_contains($colour[1] ?? '', "\e[") ? 'yes' : 'none', "\n";
echo 'with NO_COLOR: ', str_contains($plain[1] ?? "\e[", "\e[") ? 'yes' : 'none', "\n";
echo 'otherwise ', preg_replace('~\e\[[\d;]*m~', '', $colour[1] ?? '') === ($plain[1] ?? null) ? 'the same' : 'different', "\n";
echo "the original's part: ", $colour[0] === $plain[0] && str_contains($plain[0], "\e[31m") ? 'always in colours' : 'differs', "\n";
echo 'a bar for a small log: ', str_contains($plain[0], "\r") ? 'yes' : 'no', "\n";

// Junk that the reader steps over makes it large.
$log = fopen(ini_get('apm.leak_log'), 'a');
for ($i = 0; $i < 40; $i++) {
    fwrite($log, str_repeat("junk\n", 1 << 18));
}
fclose($log);
$large = on_terminal('NO_COLOR=1');
echo 'a bar for a large log: ', preg_match('~\r[^\n]*\d+ ?%~', $large[0]) ? 'yes' : json_encode(substr($large[0], 0, 300)), "\n";
--EXPECT--
colours: yes
with NO_COLOR: none
otherwise the same
the original's part: always in colours
a bar for a small log: no
a bar for a large log: yes
