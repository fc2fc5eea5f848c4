--TEST--
trace_functions: exact names, stars, closures, arguments, another case; tracker. wins; off by enable
--FILE--
<?php
require __DIR__ . '/helper.inc';
$code = <<<'PHP'
<?php
namespace App\Service;
class User { function load(int $id, ?array $with, object $o, float $f = 1.5, bool $b = true) { return (function () { return 1; })(); } static function make() {} }
function helper() {}
(new User)->load(7, [1, 2], new \stdClass); User::make(); helper();
echo "done\n";
PHP;
foreach (['app\service\user::LOAD(*)', 'App\Service\*::*', 'App\Service\helper, *::{closure}', 'User::load', '*e*r'] as $functions) {
    echo "-- $functions\n";
    compare($code, $functions);
}
echo "-- tracker.\n";
compare($code, '*', ['tracker.trace_functions' => '"app\service\helper"']);
echo "-- enable=0\n";
compare($code, '*', ['apm.enable' => '0']);
?>
--EXPECT--
-- app\service\user::LOAD(*)
same
1 begin App\Service\User::load (Internal)
1 code.argument.0=7
1 code.argument.1=array(2)
1 code.argument.2=stdClass
1 end
-- App\Service\*::*
same
1 begin App\Service\User::load (Internal)
1 end
2 begin App\Service\User::make (Internal)
2 end
-- App\Service\helper, *::{closure}
same
1 begin App\Service\User::App\Service\{closure} (Internal)
1 end
2 begin App\Service\helper (Internal)
2 end
-- User::load
same
-- *e*r
same
1 begin App\Service\helper (Internal)
1 end
-- tracker.
same
1 begin App\Service\helper (Internal)
1 end
-- enable=0
same
