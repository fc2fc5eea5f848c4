#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2016,SC2119 # the library is found at run time; $ in PHP code; start_agent needs no options
# A real Laravel on nginx and FPM, with Guzzle, Predis and a queue: routes, controllers,
# exceptions, commands, and jobs, each with a trace of its own.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_packages nginx "php$PHP_SERIES-fpm" "php$PHP_SERIES-sqlite3" "php$PHP_SERIES-curl" "php$PHP_SERIES-intl" php-laravel-framework \
    php-guzzlehttp-guzzle php-predis redis-tools
source "$HERE/web.sh"

export SITE_CODE="$HERE/laravel" SITE_FOLDER="$WORK/laravel" SITE_REDIS="$SOCKETS/redis.sock"
mkdir -p "$SITE_FOLDER/bootstrap/cache" "$SITE_FOLDER/cache"
cp "$HERE/laravel/index.php" "$SITE"
use_modules intl mbstring xml dom tokenizer ctype fileinfo phar curl pdo pdo_sqlite
"$PHP" -n "${MODULES[@]}" "$HERE/laravel/tables.php" "$SITE_FOLDER/shop.sqlite"
start_redis || skip 'no Redis'
start_agent
start_site shop
artisan() { "$PHP" -n "${MODULES[@]}" -d log_errors=0 -d "extension=$EXT" -d "apm.agent_socket=$SOCKET" "$HERE/laravel/artisan" "$@"; }

check 'a page' equal $'200\nhome' "$(get /)"
check 'a controller' equal $'200\n{"user":"Ada"}' "$(get /users/7)"
check 'optional parts' equal $'200\n7 none' "$(get /users/7/posts)"
check 'parts' equal $'200\n7 3' "$(get /users/7/posts/3)"
check 'a controller that answers 404' equal 404 "$(status /users/99)"
check 'pages that are not there' equal '404 404' "$(status /none/1) $(status /none/2)"
check 'another method' equal 405 "$(METHOD=POST status /users/7)"
check 'an exception' equal 500 "$(status /broken)"
check 'Guzzle' equal $'200\n{"user":"Ada"}' "$(get /ask)"
check 'Predis' equal $'200\nvalue' "$(get /cached)"
for id in 7 13 7; do
    check "a job for $id" equal $'200\nordered' "$(METHOD=POST get "/orders/$id")"
done
check 'a command' equal 'users: 2' "$(artisan shop:report today)"
check 'a worker' equal 'Processed Failed Processed' \
    "$(artisan queue:work --stop-when-empty --tries=1 2>&1 | grep -oE '(Processed|Failed): ' | tr -d '\n' | sed 's/: $//; s/: / /g')"
check 'a command that is not there' equal 1 "$(artisan nonsense >/dev/null 2>&1; echo $?)"

expected='2 GET (no route)
1 GET /
1 GET /ask
1 GET /broken
1 GET /cached
3 GET /users/{id}
2 GET /users/{user}/posts/{post?}
1 POST (no route)
3 POST /orders/{id}'
check 'endpoints are routes' equal "$expected" "$(eventually "$expected" "$ENDPOINTS")"
check 'only what failed is an error, and is named' equal 'GET /broken DomainException no stock' "$(ask "$ERRORS")"
check 'Guzzle is in the trace, and what it asks' equal 'server GET /ask < none
internal Guzzle GET < server GET /ask
client GET < internal Guzzle GET
server GET /users/{id} < client GET
internal App\UserController@show < server GET /users/{id}' "$(ENDPOINT='GET /ask' WITHOUT=sqlite ask "$TREES")"
check 'Predis is' equal 'server GET /cached < none
client SET < server GET /cached
client GET < server GET /cached' "$(ENDPOINT='GET /cached' ask "$TREES")"
check 'its database is named, its values are not' equal '2, none' \
    "$(ask '$t = api("traces/" . traces("app=shop&endpoint=" . urlencode("GET /cached"))[0]["trace_id"]);
        foreach ($t["spans"] as $s) { $name = $s["attributes"]["db.namespace"] ?? $name ?? ""; }
        echo $name, ", ", str_contains(json_encode($t), "secret") || str_contains(json_encode($t), "\"value\"") ? "some" : "none";')"
export APP=artisan KIND=consumer
check 'each job has a trace' equal '3 process App\SendReceipt' "$(eventually '3 process App\SendReceipt' "$ENDPOINTS")"
check 'with its calls, and why it failed' equal 'process App\SendReceipt LengthException the mailbox is full' "$(ask "$ERRORS")"
export KIND=internal
expected='1 artisan
1 artisan queue:work
1 artisan shop:report'
check 'scripts go by their commands' equal "$expected" "$(eventually "$expected" "$ENDPOINTS")"
check 'one that fails tells why' equal 'artisan Symfony\Component\Console\Exception\CommandNotFoundException Command "nonsense" is not defined.' "$(ask "$ERRORS")"
for path in / /users/7 /users/99 /broken /none/1; do
    check "the same without the extension: $path" same "$path" '@@'
done
done_testing
