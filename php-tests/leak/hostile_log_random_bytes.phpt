--TEST--
Bad input: random bytes in the log are skipped and counted, what is whole is reported
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

const SEED = 20231;
loops(30, function (int $i): void {
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
});
report();
$log = file_get_contents(ini_get('apm.leak_log'));
mt_srand(SEED);
$bytes = function (int $n): string {
    $text = '';
    while ($n-- > 0) {
        $text .= chr(mt_rand(0, 255));
    }
    return $text;
};
$mutations = [
    'flipped bits' => function (string $log): string {
        for ($n = mt_rand(1, 8); $n > 0; $n--) {
            $at = mt_rand(0, strlen($log) - 1);
            $log[$at] = chr(ord($log[$at]) ^ (1 << mt_rand(0, 7)));
        }
        return $log;
    },
    'inserted bytes' => fn (string $log) => substr_replace($log, $bytes(mt_rand(1, 300)), mt_rand(0, strlen($log)), 0),
    'overwritten bytes' => function (string $log) use ($bytes): string {
        $n = mt_rand(1, 300);
        return substr_replace($log, $bytes($n), mt_rand(0, strlen($log) - $n), $n);
    },
    'lost bytes' => fn (string $log) => substr_replace($log, '', mt_rand(0, strlen($log) - 300), mt_rand(1, 300)),
    'pure noise' => fn (string $log) => $bytes(strlen($log)),
    'huge numbers' => fn (string $log) => substr_replace($log, str_repeat("\xff", 12), mt_rand(0, strlen($log) - 12), 12),
];
$file = temp_file('', '.log');
foreach ($mutations as $name => $mutate) {
    $loops = 0;
    $skipped = 0;
    $valid = true;
    for ($n = 0; $n < 60; $n++) {
        file_put_contents($file, $mutate($log));
        foreach (['text', 'html', 'folded', 'speedscope', 'pprof'] as $format) {
            trackerLeakReport($format, $file);
        }
        $report = json_decode(trackerLeakReport('json', $file), true);
        $valid = $valid && is_array($report) && $report['version'] === 1;
        $skipped += $report['log']['skipped_records'] > 0 ? 1 : 0;
        $loops += array_sum(array_column($report['processes'], 'loops'));
    }
    echo "$name: ", $valid ? 'valid reports' : 'broken reports',
        ', skipped records ', $skipped >= 40 ? 'counted' : "in $skipped of 60",
        ', loops ', $loops === 0 ? 'none' : ($loops > 60 * 10 ? 'most' : $loops), "\n";
}
--EXPECT--
flipped bits: valid reports, skipped records counted, loops most
inserted bytes: valid reports, skipped records counted, loops most
overwritten bytes: valid reports, skipped records counted, loops most
lost bytes: valid reports, skipped records counted, loops most
pure noise: valid reports, skipped records counted, loops none
huge numbers: valid reports, skipped records counted, loops most
