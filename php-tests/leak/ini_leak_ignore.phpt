--TEST--
leak_ignore: matching lines are not reported as growing, but listed as suppressed
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
apm.leak_ignore=vendor/*,*ini_leak_ignore.php:14,ini_leak_ignore.php:14-15
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Kept
{
    public static array $a = [];
    public static array $b = [];
}

function main(int $i): void
{
    trackerHookMalloc();
    Kept::$a[] = random_bytes(1000); // LEAK
    Kept::$b[] = random_bytes(2000);
}

loops(40, 'main');
$ignored = 14; // the line of Kept::$b, see --INI--
check_grows();
foreach (array_unique(array_map(fn (array $s) => where($s['file'], $s['line']) . ($s['bytes'] > 60_000 ? ' with its bytes' : " {$s['bytes']}"), report()['suppressed'])) as $line) {
    echo 'suppressed: ', $line === where(__FILE__, $ignored) . ' with its bytes' ? 'the other line with its bytes' : $line, "\n";
}
echo 'without effect: ', implode(' ', json_decode(trackerLeakReport('json'), true)['ignore_unmatched']), "\n";
preg_match('/^leak_ignore: .*/m', trackerLeakReport('text'), $said);
echo $said[0] ?? 'the text says nothing of that', "\n";
[, $any] = php(['-r', '$all = json_decode(trackerLeakReport("json", $argv[1]), true);
    echo count($all["processes"][0]["suppressed"]), " suppressed, ", count($all["ignore_unmatched"]), " without effect";', ini_get('apm.leak_log')],
    ['apm.leak_ignore' => 'ini_leak_ignore.php:*']);
echo "any line: $any\n";
echo 'text lists it: ', preg_match('/suppressed/i', trackerLeakReport('text')) ? 'yes' : 'no', "\n";
--EXPECT--
loops recorded: 39
lines that grow: 1, as planted
suppressed: the other line with its bytes
without effect: vendor/* ini_leak_ignore.php:14-15
leak_ignore: these patterns fit no line that kept memory: vendor/*, ini_leak_ignore.php:14-15
any line: 2 suppressed, 0 without effect
text lists it: yes
