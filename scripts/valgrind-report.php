<?php
// Reads a folder of valgrind's text logs, prints each distinct finding once,
// and exits 1 if there is any. A finding is an error or a crash of any
// process, or a definitely lost block with a frame that holds one of the texts;
// blocks that PHP itself loses are counted and not held against us. Nor are those of a
// script that says why (in X.lost beside X.log), and those of a forked child, which has
// what the parent's threads held, and frees nothing of it. A log is a child's where no
// file of its name with .started stands beside it.
//
//   php valgrind-report.php FOLDER TEXT...

$folder = $argv[1];
$texts = array_slice($argv, 2);
$logs = glob("$folder/*.log");
if (!$logs) {
    fwrite(STDERR, "no valgrind log in $folder: was valgrind run at all?\n");
    exit(1);
}

/** The file in which the wrapper wrote what the process was started with. */
function started(string $log): string
{
    return preg_replace('/log$/', 'started', $log);
}

/** The arguments of the process, their end where they are long: it names the script. */
function command(string $log): string
{
    return is_file(started($log)) ? substr(trim(file_get_contents(started($log))), -200) : 'a forked child';
}

/** Why PHP itself loses blocks in this process, by its script's own word. */
function reason(string $log): ?string
{
    $file = preg_replace('/log$/', 'lost', $log);
    return is_file($file) ? substr(trim(file_get_contents($file)), strlen('// valgrind: ')) ?: null : null;
}

$findings = $expected = [];
$lostElsewhere = $lostByFork = 0;
foreach ($logs as $log) {
    $isChild = !is_file(started($log));
    $text = preg_replace('/^(==|--)\d+(==|--) ?/m', '', file_get_contents($log));
    foreach (preg_split('/\n[ \t]*\n/', $text) as $block) {
        $block = trim($block, "\n");
        if (!preg_match('/^\s+(at|by) 0x/m', $block) && !str_contains($block, 'terminating with default action')) {
            continue; // valgrind's remarks have no stack
        }
        $ours = (bool) array_filter($texts, fn($part) => str_contains($block, $part));
        $lost = preg_match('/ are definitely lost in loss record /', $block);
        if ($lost && !$ours) {
            $lostElsewhere++;
            continue;
        }
        if ($lost && $isChild) {
            $lostByFork++;
            continue;
        }
        if ($lost && $reason = reason($log)) {
            $expected[$reason] = ($expected[$reason] ?? 0) + 1;
            continue;
        }
        // One defect shows in many processes: sizes and addresses differ.
        $key = preg_replace(['/0x[0-9A-F]+/', '/loss record.*/', '/[\d,]+/'], '#', $block);
        $findings[$key] ??= ['text' => $block, 'logs' => []];
        $findings[$key]['logs'][$log] = true;
    }
}

foreach ($findings as ['text' => $text, 'logs' => $in]) {
    $first = array_key_first($in);
    printf("  in %d processes (%s: %s):\n%s\n\n", count($in), basename($first), command($first), preg_replace('/^/m', '    ', $text));
}
foreach ($expected as $reason => $count) {
    printf("  %d lost as the script says: %s\n", $count, $reason);
}
printf("  %d processes, %d distinct findings, %d lost blocks without a frame of ours, %d in forked children\n",
    count($logs), count($findings), $lostElsewhere, $lostByFork);
exit($findings ? 1 : 0);
