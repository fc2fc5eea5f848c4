<?php
// Loops while another extension's handlers lie on top of the hook, until MODE.
$mode = $argv[1];
function work(): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat('x', 1000); // a leak
}

function loops(): void
{
    for ($i = 0; $i < 15; $i++) {
        work();
    }
}

loops();
echo neighbour_on() ? "on top\n" : "no handlers\n";
loops();
switch ($mode) {
    case 'off':
        echo neighbour_off() > 0 ? "it heard\n" : "it heard nothing\n";
        loops();
        break;
    case 'trial':
        try {
            trackerAssertNoLeak(fn () => strrev('y'));
        } catch (Exception $e) {
            echo $e->getMessage(), "\n";
        }
        break;
    case 'fork':
        $pid = pcntl_fork();
        loops();
        if ($pid === 0) {
            exit(7);
        }
        pcntl_waitpid($pid, $status);
        echo 'child: ', pcntl_wexitstatus($status), "\n";
}
// For the heap: more than what is at hand.
echo strlen(implode(',', range(1, 100_000))), "\n";
