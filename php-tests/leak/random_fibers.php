<?php
/*
 * Random trees of interleaved fibers: php random_fibers.php SEED [REQUESTS].
 * Every request is a fiber with a main function; it runs a random program whose
 * steps allocate, suspend, throw, replace globals, make cycles, and start child
 * fibers. Some sites leak: the report must name just those.
 */

require __DIR__ . '/helper.inc';
require __DIR__ . '/random_sites.inc';

/** The main function. */
function request(array $program): void
{
    trackerHookMalloc();
    run($program);
}

/** Runs a program; its children run inside of it, and end with it. */
function run(array $program): void
{
    $held = [];
    $children = [];
    try {
        foreach ($program as [$step, $what]) {
            switch ($step) {
                case 'visit':
                    $held[] = Sites::visit($what);
                    break;
                case 'yield':
                    Fiber::suspend();
                    foreach ($children as $child) {
                        $child->isSuspended() && $child->resume();
                    }
                    break;
                case 'replace':
                    Sites::$cells[$what] = random_bytes(50);
                    break;
                case 'cycle':
                    $a = new stdClass();
                    $a->self = $a;
                    $a->data = random_bytes(100 * $what);
                    unset($a);
                    break;
                case 'child':
                    $children[] = $child = new Fiber('run');
                    $child->start($what);
                    break;
                case 'throw':
                    throw new DomainException('planned');
            }
        }
    } catch (DomainException $e) {
        // A child that throws ends its parent as well.
    }
    // Children that are still suspended are destroyed here.
}

$seed = (int) ($argv[1] ?? 1);
$requests = (int) ($argv[2] ?? 200);
mt_srand($seed);
Sites::plant();

$running = [];
while ($requests > 0 || $running) {
    if ($requests > 0 && count($running) < 6 && mt_rand(0, 2) > 0) {
        $requests--;
        $fiber = new Fiber('request');
        $fiber->start(Sites::program());
    } else {
        $key = $running ? array_rand($running) : null;
        if ($key === null) {
            continue;
        }
        $fiber = $running[$key];
        unset($running[$key]);
        $fiber->resume();
    }
    if (!$fiber->isTerminated()) {
        $running[] = $fiber;
    }
}
unset($fiber);
Sites::check($seed);
