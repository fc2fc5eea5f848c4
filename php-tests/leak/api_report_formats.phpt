--TEST--
trackerLeakReport(): every format holds the planted line; a wrong one is a ValueError
--EXTENSIONS--
dom
zlib
--INI--
apm.enable_malloc_hook=1
apm.leak_log={TMP}/trackerleak.$$.log
--FILE--
<?php
require __DIR__ . '/helper.inc';

function main(int $i): void
{
    trackerHookMalloc();
    static $kept = [];
    $kept[] = str_repeat(chr($i), 1000); // LEAK
}

loops(40, 'main');
[$file, $line] = explode(':', marked()[0]);

$text = trackerLeakReport();
echo 'text: ', str_contains($text, "$file:$line") && str_contains($text, 'grows') ? 'names it' : $text, "\n";
echo 'default is text: ', trackerLeakReport('text') === $text ? 'yes' : 'no', "\n";
// The original's part has its colours always; a string is no terminal for the new one.
echo 'colours in the new part: ', str_contains(explode(VERDICTS, $text)[1] ?? "\e[", "\e[") ? 'yes' : 'none', "\n";

$json = json_decode(trackerLeakReport('json'), true, 64, JSON_THROW_ON_ERROR);
echo 'json: version ', $json['version'], ', keys ', implode(' ', array_keys($json)), "\n";
echo '  process: ', implode(' ', array_diff(['pid', 'start_id', 'loops', 'memory', 'sites', 'cycles', 'kinds', 'suppressed'], array_keys($json['processes'][0]))) ?: 'complete', "\n";
$site = array_values(array_filter($json['processes'][0]['sites'], fn (array $s) => $s['line'] === (int) $line && $s['verdict'] === 'grows'))[0];
echo '  site: ', implode(' ', array_diff(['file', 'line', 'function', 'verdict', 'live_bytes', 'bytes_per_loop', 'fit_r', 'blocks', 'first_loop', 'last_loop', 'live_ring', 'stack', 'holder'], array_keys($site))) ?: 'complete', "\n";
echo '  stack: ', $site['stack'][0]['function'] ?? 'none', ' < ', implode(' < ', array_slice(array_column($site['stack'], 'function'), 1)), "\n";
$memory = $json['processes'][0]['memory'];
echo '  memory: ', count($memory['heap_bytes']) === count($memory['rss_bytes']) && min($memory['heap_bytes']) > 100_000 && min($memory['rss_bytes']) > 100_000 ? 'curves' : json_encode($memory), "\n";

$html = trackerLeakReport('html');
$document = new DOMDocument();
echo 'html: ', str_contains($html, "$file:$line") || (str_contains($html, $file) && str_contains($html, ">$line<")) ? 'names it' : substr($html, 0, 500),
    preg_match('~(src|href)\s*=\s*["\']?(https?:)?//~i', $html) ? ', loads something' : ', self-contained', "\n";

$folded = trackerLeakReport('folded');
$bad = preg_grep('~^\S.* \d+$~', explode("\n", rtrim($folded)), PREG_GREP_INVERT);
echo 'folded: ', !$bad && str_contains($folded, 'main') ? 'stacks and numbers' : $folded, "\n";

$speedscope = json_decode(trackerLeakReport('speedscope'), true, 64, JSON_THROW_ON_ERROR);
$profile = $speedscope['profiles'][0];
echo 'speedscope: ', $speedscope['$schema'], ' ', $profile['type'], ' ', $profile['unit'], ' ',
    count($profile['samples']) === count($profile['weights']) && array_sum($profile['weights']) > 30_000 ? 'weights' : json_encode($profile), "\n";

$pprof = trackerLeakReport('pprof');
$plain = str_starts_with($pprof, "\x1f\x8b") ? gzdecode($pprof) : $pprof;
echo 'pprof: ', str_contains($plain, 'main') && str_contains($plain, $file) ? 'names it' : bin2hex(substr($pprof, 0, 32)), "\n";

foreach (['xml', '', 'JSON '] as $format) {
    try {
        trackerLeakReport($format);
        echo "accepted\n";
    } catch (ValueError $e) {
        echo str_contains($e->getMessage(), 'speedscope') ? 'ValueError that lists the formats' : $e->getMessage(), "\n";
    }
}
--EXPECT--
text: names it
default is text: yes
colours in the new part: none
json: version 1, keys version log processes ignore_unmatched
  process: complete
  site: complete
  stack: str_repeat < main < loops < {main}
  memory: curves
html: names it, self-contained
folded: stacks and numbers
speedscope: https://www.speedscope.app/file-format-schema.json sampled bytes weights
pprof: names it
ValueError that lists the formats
ValueError that lists the formats
ValueError that lists the formats
