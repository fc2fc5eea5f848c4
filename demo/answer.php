<?php
// The report in a line or two: what grows most, and who holds it.

/** Prints the answer of the report about $server; paths are cut that are below $root. */
function answer(string $server, string $root): void
{
    $report = json_decode(trackerLeakReport('json'), true, 64, JSON_THROW_ON_ERROR);
    foreach ($report['processes'] as $process) {
        $growing = array_filter($process['sites'], fn (array $site): bool => $site['verdict'] === 'grows');
        // The worst is the first; one whose holder is known says more.
        $held = array_filter($growing, fn (array $site): bool => $site['holder'] !== []);
        $site = reset($held) ?: reset($growing);
        if ($site !== false) {
            $file = str_replace("$root/", '', $site['file']);
            printf("  %-18s %s:%d, +%.0f B a request\n", "$server leaks:", $file, $site['line'], $site['bytes_per_loop']);
            printf("  %-18s %s\n", 'held by:', $site['holder'][0]['path'] ?? 'unknown');
            return;
        }
    }
    printf("  %-18s nothing grows\n", "$server:");
}
