--TEST--
Memory of malloc() has no line: nothing grows, and a sentence says that the process does
--EXTENSIONS--
ffi
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
ffi.enable=1
--FILE--
<?php
require __DIR__ . '/helper.inc';

$libc = FFI::cdef('void *malloc(size_t size); void *memset(void *to, int byte, size_t size);');
loops(40, function (int $i) use ($libc): void {
    trackerHookMalloc();
    $libc->memset($libc->malloc(400_000), $i, 400_000);
});
$process = report();
check_silent($process);
echo 'native: ', $process['kinds']['native'] > 12_000_000 ? 'more than 12 MB' : $process['kinds']['native'], "\n";
$said = preg_grep('~^The PHP heap is flat, the process grew by 1\d\.\d MB: native memory~', $process['notes']);
echo 'said: ', count($said) === 1 ? 'heap flat, process grew' : json_encode($process['notes']), "\n";
--EXPECT--
loops recorded: 39
lines that grow: 0, as planted
native: more than 12 MB
said: heap flat, process grew
