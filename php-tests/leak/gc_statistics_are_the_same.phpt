--TEST--
The cycle collector runs as without the hook as long as no loop ends
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

// A loop end collects cycles; inside of a loop nothing may differ.
$script = temp_file(<<<'PHP'
<?php
function main(): array
{
    trackerHookMalloc();
    $status = [];
    for ($i = 0; $i < 30000; $i++) {
        $a = new stdClass();
        $a->self = $a;
        if ($i % 5000 === 0) {
            $status[] = gc_status();
        }
    }
    return $status;
}
echo json_encode([main(), gc_enabled()]);
PHP);
$off = php($script, ['apm.enable_malloc_hook' => '0']);
$on = php($script, ['apm.enable_malloc_hook' => '1']);
echo strlen($off[1]) > 200 && $on === $off ? 'same' : json_encode([$off, $on]), "\n";
--EXPECT--
same
