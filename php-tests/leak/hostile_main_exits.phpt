--TEST--
Bad input: a main function that calls exit(); what was recorded before is in the log
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
class Noisy
{
    public function __destruct()
    {
        echo ' destructor';
        $text = str_repeat('x', 5000);
    }
}
register_shutdown_function(function () {
    $a = range(1, 1000);
    echo ' shutdown';
});
function main(int $i): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000);
    $noisy = $i === 10 ? new Noisy() : null;
    if ($i === 10) {
        exit('exit');
    }
}
for ($i = 0; ; $i++) {
    main($i);
}
PHP);
$log = ['apm.leak_log' => ini_get('apm.leak_log')];
[$status, $out, $err] = php($script, $log);
echo "status $status, output $out, stderr ", json_encode($err), "\n";
$report = json_decode(trackerLeakReport('json'), true);
$loops = $report['processes'][0]['loops'] ?? 0;
echo "loops: $loops\n";
read_old_report(old_report());
--EXPECT--
status 0, output exit destructor shutdown, stderr ""
loops: 10
