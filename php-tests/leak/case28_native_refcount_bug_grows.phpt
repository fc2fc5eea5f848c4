--TEST--
Case 28: objects that a native refcount bug keeps grow, and no PHP variable holds them
--EXTENSIONS--
ffi
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
ffi.enable=1
--FILE--
<?php
require __DIR__ . '/helper.inc';

class Box
{
    public ?object $content = null;
}

class Message
{
    public array $headers = [];
}

/**
 * The bug: adds one reference to the object in $box->content and forgets it.
 * A constant is the one variable whose address PHP's API hands out by name.
 */
function forget_reference(FFI $php): void
{
    $zval = FFI::cast('uintptr_t*', $php->zend_get_constant_str('BOX', 3));
    $box = FFI::cast('char*', $zval[0]);                     // zend_object; its first slot is at byte 40
    $content = FFI::cast('uintptr_t*', $box + 40)[0];
    $refcount = FFI::cast('uint32_t*', FFI::cast('char*', $content));
    $refcount[0] += 1;
}

$box = new Box();
define('BOX', $box);
$php = FFI::cdef('char *zend_get_constant_str(const char *name, size_t length);');
loops(60, function (int $i) use ($php, $box): void {
    trackerHookMalloc();
    $box->content = new Message(); // LEAK
    forget_reference($php);
    $box->content = null;
});
check_grows();
check_holder('held by native code or a garbage cycle (object Message)', kind: 'native');
// valgrind: the reference that is taken by FFI is never given back, as planted
--EXPECT--
loops recorded: 59
lines that grow: 1, as planted
held by: held by native code or a garbage cycle (object Message)
