--TEST--
php --ri swoole_tracker: version, settings, which hooks are in place
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

[$status, $out, $err] = php(['--ri', 'swoole_tracker']);
echo 'status: ', $status, ', stderr ', json_encode($err), "\n";
echo 'version: ', preg_match('~version\s*=>\s*\d+\.\d+\.\d+~i', $out) ? 'yes' : $out, "\n";
foreach (['enable_malloc_hook', 'leak_log', 'leak_ignore', 'leak_verdicts', 'leak_scope', 'holder_budget_ms'] as $name) {
    foreach (['apm', 'tracker'] as $prefix) {
        echo str_contains($out, "$prefix.$name") ? '' : "not shown: $prefix.$name\n";
    }
}
echo 'hooks: ', preg_match('~hook.*=>~i', $out) ? 'shown' : $out, "\n";
--EXPECT--
status: 0, stderr ""
version: yes
hooks: shown
