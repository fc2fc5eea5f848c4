#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2016,SC2119 # the library is found at run time; $ in PHP code; start_agent needs no options
# A real Symfony, with the FrameworkBundle, on nginx and FPM: routes, exceptions, requests
# within requests, commands, and messages, each with a trace of its own.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_packages nginx "php$PHP_SERIES-fpm" "php$PHP_SERIES-sqlite3" "php$PHP_SERIES-intl" php-symfony-framework-bundle php-symfony-console \
    php-symfony-messenger
source "$HERE/web.sh"

export SITE_CODE="$HERE/symfony_site" SITE_FOLDER="$WORK/symfony"
mkdir -p "$SITE_FOLDER"
cp "$HERE/symfony_site/index.php" "$SITE"
use_modules intl mbstring xml dom simplexml tokenizer ctype pdo pdo_sqlite
"$PHP" -n "${MODULES[@]}" "$HERE/laravel/tables.php" "$SITE_FOLDER/shop.sqlite"
start_agent
start_site shop
console() { "$PHP" -n "${MODULES[@]}" -d "extension=$EXT" -d "apm.agent_socket=$SOCKET" "$HERE/symfony_site/console" "$@"; }

check 'a controller' equal $'200\n{"user":"Ada"}' "$(get /users/7)"
check 'again' equal $'200\n{"user":"Bob"}' "$(get /users/13)"
check 'a request within one' equal $'200\npage with a part' "$(get /pages/x)"
check 'a controller that answers 404' equal 404 "$(status /users/99)"
check 'pages that are not there' equal '404 404' "$(status /none/1) $(status /none/2)"
check 'another method' equal 405 "$(METHOD=POST status /users/7)"
check 'an exception' equal 500 "$(status /broken)"
for id in 7 13 7; do
    check "a message for $id" equal $'200\nordered' "$(METHOD=POST get "/orders/$id")"
done
check 'a command' equal 'users: 2' "$(console shop:report today)"
check 'one that fails' equal 1 "$(console shop:report never >/dev/null 2>&1; echo $?)"

check 'a worker' equal 0 "$(console messenger:consume orders --limit=3 --time-limit=20 >/dev/null 2>&1; echo $?)"

expected='2 GET (no route)
1 GET broken
1 GET page
3 GET user_show
1 POST (no route)
3 POST order'
check 'endpoints are routes' equal "$expected" "$(eventually "$expected" "$ENDPOINTS")"
check 'only what failed is an error, and is named' equal 'GET broken DomainException no stock' "$(ask "$ERRORS")"
check 'traces are whole' equal '' \
    "$(ask 'foreach (traces("app=shop") as $t) { api("traces/$t[trace_id]")["partial"] and print "$t[endpoint]\n"; }')"
export APP=console KIND=consumer
expected='2 process App\Order
1 process App\Refund'
check 'each message has a trace' equal "$expected" "$(eventually "$expected" "$ENDPOINTS")"
check 'with its calls' equal 'consumer process App\Order < none
client connect < consumer process App\Order
client SELECT users < consumer process App\Order' "$(ENDPOINT='process App\Order' ask "$TREES" | head -n 3)"
check 'and why it failed, though the worker catches it' equal 'process App\Refund UnderflowException the till is empty' "$(ask "$ERRORS")"
export KIND=internal
expected='1 console messenger:consume
2 console shop:report'
check 'scripts go by their commands' equal "$expected" "$(eventually "$expected" "$ENDPOINTS")"
check 'one that fails tells why' equal 'console shop:report RangeException no such day' "$(ask "$ERRORS")"
for path in /users/7 /users/99 /broken /none/1 /pages/x; do
    check "the same without the extension: $path" same "$path" '@@'
done
done_testing
