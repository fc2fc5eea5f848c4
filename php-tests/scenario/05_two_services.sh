#!/usr/bin/env bash
# shellcheck disable=SC2016,SC1091 # $ in PHP code; the library is found at run time
# Two services, each a built-in web server: calls by curl, Guzzle and a stream give one
# trace with the right parents; each request of the built-in server is a root.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_packages "php$PHP_SERIES-curl" php-guzzlehttp-guzzle
GUZZLE=/usr/share/php/GuzzleHttp/autoload.php
[[ -f $GUZZLE ]] || skip 'no Guzzle'
[[ -x ${RECEIVER:-} ]] || skip 'no receiver: set RECEIVER'

cat >"$WORK/back.php" <<'PHP'
<?php
echo isset($_SERVER['HTTP_X_OWN']) ? 'own ' : '', 'back';
PHP
cat >"$WORK/front.php" <<PHP
<?php
require '$GUZZLE';
PHP
cat >>"$WORK/front.php" <<'PHP'
$back = 'http://127.0.0.1:' . $_GET['back'];
if ($_GET['by'] === 'curl') {
    $curl = curl_init("$back/curl");
    curl_setopt($curl, CURLOPT_HTTPHEADER, ['X-Own: 1']);
    curl_exec($curl);
} elseif ($_GET['by'] === 'guzzle') {
    echo (new GuzzleHttp\Client())->get("$back/guzzle", ['headers' => ['X-Own' => '1']])->getBody();
} elseif ($_GET['by'] === 'promises') {
    $client = new GuzzleHttp\Client();
    foreach (GuzzleHttp\Promise\Utils::unwrap([$client->getAsync("$back/first"), $client->getAsync("$back/second")]) as $answer) {
        echo $answer->getBody();
    }
} else {
    echo file_get_contents("$back/stream", false, stream_context_create(['http' => ['header' => 'X-Own: 1']]));
}
PHP

mkfifo "$WORK/stop"
"$RECEIVER" "$WORK/agent.sock" <"$WORK/stop" >"$WORK/records" &
STARTED+=($!)
exec 9>"$WORK/stop"
load_modules curl phar
free_port() {
    "$PHP" -n -r '$s = stream_socket_server("tcp://127.0.0.1:0"); echo substr(strrchr(stream_socket_get_name($s, false), ":"), 1);'
}
FRONT=$(free_port)
BACK=$(free_port)
for service in front back; do
    [[ $service == front ]] && port=$FRONT || port=$BACK
    "$PHP" -n "${MODULES[@]}" -d "extension=$EXT" -d "apm.agent_socket=$WORK/agent.sock" -d "apm.enable=1" -d display_errors=0 -d "apm.service_name=$service" \
        -S "127.0.0.1:$port" "$WORK/$service.php" >"$WORK/$service.out" 2>&1 &
    STARTED+=($!)
done

get() { # path
    "$PHP" -n -r '
        for ($n = 0; $n < 100 && !($up = @fsockopen("127.0.0.1", (int) $argv[1])); $n++) { usleep(50000); }
        fclose($up);
        echo file_get_contents("http://127.0.0.1:$argv[1]$argv[2]");' -- "$FRONT" "$1"
}
check 'curl is answered, its own header arrives' equal 'own back' "$(get "/?by=curl&back=$BACK")"
check 'Guzzle is answered, its own header arrives' equal 'own back' "$(get "/?by=guzzle&back=$BACK")"
check 'promises are answered' equal 'backback' "$(get "/?by=promises&back=$BACK")"
check 'a stream is answered, its own header arrives' equal 'own back' "$(get "/?by=stream&back=$BACK")"
sleep 2.5
# They have inherited the descriptor that ends the receiver.
kill "${STARTED[1]}" "${STARTED[2]}"
wait "${STARTED[1]}" "${STARTED[2]}" 2>/dev/null || true
exec 9>&-
wait "${STARTED[0]}" 2>/dev/null || true

# One line per trace: "app name (of the span above: app name)".
"$PHP" -n -r '
    foreach (file($argv[1]) as $line) {
        $record = json_decode($line, true);
        if (($record["kind"] ?? "") === "segment") {
            foreach ($record["spans"] as $span) {
                $path = $span["attributes"]["url.path"] ?? parse_url($span["attributes"]["url.full"], PHP_URL_PATH);
                $traces[$record["trace_id"]][$span["span_id"]] = [$span["parent_span_id"], "$record[app] $span[kind] $path"];
            }
        }
    }
    foreach ($traces as $spans) {
        $lines = [];
        foreach ($spans as [$parent, $text]) {
            $lines[] = $text . (isset($spans[$parent]) ? " < " . $spans[$parent][1] : "");
        }
        sort($lines);
        $all[] = implode("; ", $lines);
    }
    sort($all);
    echo implode("\n", $all);' -- "$WORK/records" >"$WORK/trees"
trace() { # paths
    local path out=()
    for path in "$@"; do
        out+=("back Server $path < front Client $path")
    done
    for path in "$@"; do
        out+=("front Client $path < front Server /")
    done
    out+=('front Server /')
    printf '%s; ' "${out[@]}" | sed 's/; $//'
}
# The library's own call is a span as well.
guzzle='back Server /guzzle < front Client /guzzle; front Client /guzzle < front Internal /guzzle; front Internal /guzzle < front Server /; front Server /'
check 'each call is one trace, with the right parents' equal \
    "$(trace /curl)"$'\n'"$(trace /first /second)"$'\n'"${guzzle}"$'\n'"$(trace /stream)" "$(<"$WORK/trees")"
done_testing
