--TEST--
A script's own function of the name of a disabled one that the leak finder wraps
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
disable_functions=gc_mem_caches,usleep
--FILE--
<?php
function gc_mem_caches()
{
    $text = str_repeat('own', 2);
    return $text;
}
function usleep($microseconds)
{
    return "no sleep of $microseconds";
}
function main($i)
{
    trackerHookMalloc();
    return $i;
}
for ($i = 0; $i < 3; $i++) {
    main($i);
    var_dump(gc_mem_caches(), usleep($i));
}
--EXPECT--
string(6) "ownown"
string(13) "no sleep of 0"
string(6) "ownown"
string(13) "no sleep of 1"
string(6) "ownown"
string(13) "no sleep of 2"
