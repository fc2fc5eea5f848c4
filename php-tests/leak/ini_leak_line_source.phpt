--TEST--
leak_line_source: php --ri says where lines come from; a script finds its leak with each of them
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

$script = temp_file(<<<'PHP'
<?php
function main(int $i): void
{
    trackerHookMalloc();
    $GLOBALS['kept'][] = str_repeat(chr($i), 1000);
}
for ($i = 0; $i < 30; $i++) {
    main($i);
}
foreach (json_decode(trackerLeakReport('json'), true)['processes'][0]['sites'] as $site) {
    if ($site['verdict'] === 'grows') {
        $lines[$site['line']] = true;
    }
}
echo implode(' ', array_keys($lines ?? []));
array_map('unlink', glob(ini_get('apm.leak_log') . '*'));
PHP);
foreach (['register', 'handlers', 'saved'] as $source) {
    $ini = ['apm.leak_line_source' => $source];
    preg_match('~^.*(register of|opcode handlers$|VM saved last).*$~m', php(['--ri', 'swoole_tracker'], $ini)[1], $m);
    echo "$source: ", trim($m[1] ?? 'not shown'), ', line ', php([$script], $ini)[1], "\n";
}
--EXPECT--
register: register of, line 5
handlers: opcode handlers, line 5
saved: VM saved last, line 5
