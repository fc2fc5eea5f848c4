--TEST--
A5, alternating: one loop sets, the next unsets; also when the newest loop is one that sets
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
$GLOBALS['arr'] = ['first' => true];

function main(int $i): void
{
    trackerHookMalloc();
    if (isset($GLOBALS['arr']['k'])) {
        unset($GLOBALS['arr']['k']);
    } else {
        $GLOBALS['arr']['k'] = str_repeat(chr(65 + $i % 26), 12 * 1024);
    }
}

for ($i = 0; $i < (int) $argv[1]; $i++) {
    main($i);
}
trackerAnalyzeLeak();
PHP);

foreach ([9 => 'sets', 10 => 'unsets'] as $calls => $last) {
    [$status, $out, $err] = php([$script, (string) $calls], ['apm.leak_verdicts' => '0']);
    $blocks = read_old_report($out)['blocks'];
    $lines = array_merge(...array_map(fn (array $b) => $b['sites'], $blocks), ...[[]]);
    echo "the newest loop $last: ", count($blocks), ' loops, ', count($lines), ' lines', $status || $err ? " $status $err" : '', "\n";
    foreach ($blocks as $block) {
        echo $block['ok'] ? '' : "  loop {$block['loop']}:" . lines_of($block) . "\n";
    }
}
--EXPECT--
the newest loop sets: 8 loops, 0 lines
the newest loop unsets: 9 loops, 0 lines
