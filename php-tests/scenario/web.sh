# shellcheck shell=bash disable=SC1091,SC2016,SC2034,SC2153 # found at run time; nginx's and PHP's variables
# Shared by the scenarios of real applications: nginx and two FPM pools in front of
# one folder, one pool traced and one without the extension; and the agent. After
# lib.sh.
SITE="$WORK/site" RUN="$WORK/run" SOCKETS=$WORK
mkdir -p "$RUN" "$SITE"
source "$ROOT/demo/trace/services.sh"
# Starts its agent in its own way.
source "$HERE/agent.sh"
trap 'stop_started; stop_all; finish' EXIT

NGINX=$(program nginx) || skip 'no nginx'
FPM=$(program "php-fpm$PHP_SERIES") || skip "no php-fpm$PHP_SERIES"

# Options that load the modules that are there; what is built in needs none.
MODULES=()
use_modules() { # name...
    local name
    for name in "$@"; do
        [[ ! -f $("$PHP_CONFIG" --extension-dir)/$name.so ]] || MODULES+=(-d "extension=$name")
    done
}

start_pool() { # name options...
    local name=$1 as_root=()
    shift
    {
        printf '[global]\nerror_log = %s\ndaemonize = no\n' "$RUN/$name.log"
        printf '[%s]\nlisten = %s\npm = static\npm.max_children = 2\nclear_env = no\n' "$name" "$SOCKETS/$name.sock"
        printf 'catch_workers_output = yes\n'
        if ((EUID == 0)); then printf 'user = root\ngroup = root\n'; fi
    } >"$RUN/$name.conf"
    if ((EUID == 0)); then as_root=(--allow-to-run-as-root); fi
    start "$name" "$FPM" -n --nodaemonize "${as_root[@]}" --fpm-config "$RUN/$name.conf" "${MODULES[@]}" \
        -d zend_extension=opcache -d display_errors=0 -d log_errors=1 -d date.timezone=UTC "$@"
    until_true 10 test -S "$SOCKETS/$name.sock"
}

# All paths that are no file go to index.php, as both frameworks' manuals have it.
# A request with the header "X-Plain: 1" is answered without the extension.
start_site() { # application
    export APP=$1 KIND=server
    PORT=$(free_port)
    start_pool traced -d "extension=$EXT" -d "apm.agent_socket=$SOCKET" -d "apm.service_name=$1" -d apm.slow_ms=60000
    start_pool plain
    mkdir -p "$RUN/nginx"
    {
        if ((EUID == 0)); then echo 'user root;'; fi
        echo "daemon off; worker_processes 1; pid $RUN/nginx/pid; error_log $RUN/nginx/error.log;"
        echo 'events { worker_connections 64; }'
        echo 'http { access_log off; default_type text/html;'
        for name in client_body proxy fastcgi uwsgi scgi; do
            echo "${name}_temp_path $RUN/nginx/$name;"
        done
        echo "map \$http_x_plain \$pool { default unix:$SOCKETS/traced.sock; 1 unix:$SOCKETS/plain.sock; }"
        echo "server { listen 127.0.0.1:$PORT; root $SITE; index index.php;"
        echo 'location / { try_files $uri $uri/ /index.php$is_args$args; }'
        # Debian's list is not used: its HTTP_HOST has no port.
        echo 'location ~ \.php$ { try_files $uri =404; fastcgi_pass $pool;'
        for parameter in 'SCRIPT_FILENAME $document_root$fastcgi_script_name' 'SCRIPT_NAME $fastcgi_script_name' \
            'DOCUMENT_ROOT $document_root' 'REQUEST_METHOD $request_method' 'REQUEST_URI $request_uri' \
            'QUERY_STRING $query_string' 'SERVER_PROTOCOL $server_protocol' 'SERVER_NAME $server_name' \
            'SERVER_PORT $server_port' 'SERVER_ADDR $server_addr' 'REMOTE_ADDR $remote_addr' \
            'CONTENT_TYPE $content_type' 'CONTENT_LENGTH $content_length'; do
            echo "fastcgi_param $parameter;"
        done
        echo '}'
        echo '} }'
    } >"$RUN/nginx.conf"
    start nginx "$NGINX" -p "$RUN/nginx/" -e "$RUN/nginx/error.log" -c "$RUN/nginx.conf"
    until_true 10 listens "$PORT"
}

# Status and body. Further arguments are headers; METHOD and BODY may be set.
get() { # path header...
    local path=$1
    shift
    "$PHP" -n -r '
        [, $url, $method, $body] = $argv;
        $options = ["method" => $method, "ignore_errors" => true, "follow_location" => 0, "timeout" => 30,
            "header" => array_merge(array_slice($argv, 4), $body === "" ? [] : ["Content-Type: application/x-www-form-urlencoded"]), "content" => $body];
        $text = file_get_contents($url, false, stream_context_create(["http" => $options]));
        echo explode(" ", $http_response_header[0] ?? "none none")[1], "\n", $text;' \
        -- "http://127.0.0.1:$PORT$path" "${METHOD:-GET}" "${BODY:-}" "$@"
}

status() { get "$@" | head -n 1; }

# The same page with and without the extension; what changes each time is struck out
# by a pattern.
same() { # path pattern header...
    local path=$1 pattern=$2
    shift 2
    diff <(get "$path" "$@" | sed -E "s/$pattern/…/g") <(get "$path" 'X-Plain: 1' "$@" | sed -E "s/$pattern/…/g")
}

# PHP code that prints how often each endpoint of $APP was called; for `eventually`.
ENDPOINTS='foreach (api("apps/" . getenv("APP") . "/endpoints")["endpoints"] ?? [] as $e) {
        $e["kind"] === getenv("KIND") and $n[$e["endpoint"]] = ($n[$e["endpoint"]] ?? 0) + $e["calls"];
    }
    ksort($n); foreach ($n ?? [] as $name => $calls) { echo "$calls $name\n"; }'

# PHP code that prints the failed requests of $APP, each with the exception that is
# named.
ERRORS='foreach (traces("app=" . getenv("APP") . "&status=error") as $t) {
        foreach (api("traces/$t[trace_id]")["spans"] as $span) {
            if ($span["kind"] === getenv("KIND") && $span["status"] === "error") {
                $why = $span["events"][0]["attributes"] ?? [];
                $failed[] = "$t[endpoint] " . ($why["exception.type"] ?? "") . " " . ($why["exception.message"] ?? "");
            }
        }
    }
    sort($failed); echo implode("\n", $failed);'

# PHP code that prints the spans of each trace of $APP that begins with $ENDPOINT, as
# "kind name < kind name of the span above"; those of a system in $WITHOUT are left out.
TREES='foreach (traces("app=" . getenv("APP") . "&endpoint=" . urlencode(getenv("ENDPOINT"))) as $t) {
        $named = array_column(api("traces/$t[trace_id]")["spans"], null, "span_id");
        uasort($named, fn ($a, $b) => $a["start_us"] <=> $b["start_us"]);
        $name = fn ($s) => $s ? "$s[kind] $s[name]" : "none";
        foreach ($named as $s) {
            if (($s["attributes"]["db.system.name"] ?? "-") !== (getenv("WITHOUT") ?: "")) {
                $lines[] = $name($s) . " < " . $name($named[$s["parent_span_id"]] ?? null);
            }
        }
    }
    echo implode("\n", $lines ?? []);'
