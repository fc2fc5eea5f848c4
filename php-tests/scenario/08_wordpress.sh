#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2016,SC2119,SC2317 # the library is found at run time; $ in PHP code; start_agent needs no options; check calls functions
# A real WordPress on nginx, FPM and MariaDB, installed by its own installer: the names
# of its endpoints, its traces and errors, and its pages, which are the same without the
# extension.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_packages wordpress mariadb-server-core nginx "php$PHP_SERIES-fpm" "php$PHP_SERIES-mysql" "php$PHP_SERIES-curl" \
    "php$PHP_SERIES-xml" "php$PHP_SERIES-mbstring"
source "$HERE/web.sh"
source "$HERE/wordpress/site.sh"

wordpress_site "$SITE"
start_mariadb wordpress < <(echo 'CREATE DATABASE wordpress;') || skip 'no MariaDB'
SITE_USER=$(id -un)
export SITE_USER SITE_MYSQL="$SOCKETS/mysql.sock"
start_agent
use_modules mysqlnd mysqli dom simplexml xml mbstring curl
start_site blog

METHOD=POST BODY=$WORDPRESS_FORM get '/wp-admin/install.php?step=2' >"$WORK/installed"
check 'it installs' grep -q 'Success!' "$WORK/installed"
year=$(date -u +%Y)
login='log=admin&wp-submit=1'
answers() { # status path...: all answer so
    local wanted=$1 path
    shift
    for path in "$@"; do
        equal "$wanted $path" "$(status "$path") $path" || return 1
    done
}
check 'pages' answers 200 / "/$year/hello-world/" /sample-page/ "/$year/" /category/uncategorized/ /author/admin/ /feed/ '/?s=hello'
check 'pages that are not there' answers 404 /nothing-1/ /nothing-2/ /no/thing/
check 'the REST interface' answers 200 /wp-json/ /wp-json/wp/v2/posts '/wp-json/wp/v2/posts?_embed=1' /wp-json/wp/v2/posts/1 \
    /wp-json/shop/v1/product/5 /wp-json/shop/v1/product/6
check 'what it does not have' answers 404 /wp-json/no/1 /wp-json/no/2 /wp-json/wp/v2/posts/99
check 'an exception' answers 500 /wp-json/shop/v1/broken
check 'the login page' answers 200 /wp-login.php
check 'admin pages want a login' answers 302 /wp-admin/
check 'a good login' equal 302 "$(METHOD=POST BODY="$login&pwd=secret" status /wp-login.php)"
check 'a bad one' equal 200 "$(METHOD=POST BODY="$login&pwd=wrong" status /wp-login.php)"
check 'admin-ajax' answers 200 '/wp-admin/admin-ajax.php?action=likes'
check 'admin-ajax by POST' equal 200 "$(METHOD=POST BODY='action=likes' status /wp-admin/admin-ajax.php)"
check 'actions that nobody knows' answers 400 '/wp-admin/admin-ajax.php?action=x1' '/wp-admin/admin-ajax.php?action=x2'
check 'a page that asks another service' equal $'200\n{"product":7}' "$(get '/?ask=1')"
check 'a failed query' equal $'200\nbroken' "$(get '/?break=1')"

expected="3 GET /
1 GET /?s
1 GET /author/{author_name}
1 GET /category/{category_name}
1 GET /wp-admin/
2 GET /wp-admin/admin-ajax.php
1 GET /wp-admin/admin-ajax.php?action=likes
1 GET /wp-json/
2 GET /wp-json/*
1 GET /wp-json/shop/v1/broken
3 GET /wp-json/shop/v1/product/{id}
2 GET /wp-json/wp/v2/posts
2 GET /wp-json/wp/v2/posts/{id}
1 GET /wp-login.php
1 GET /{feed}
4 GET /{pagename}
1 GET /{year}
1 GET /{year}/{name}
1 POST /wp-admin/admin-ajax.php?action=likes
1 POST /wp-admin/install.php
2 POST /wp-login.php"
check 'endpoints are few, and are what was asked for' equal "$expected" "$(eventually "$expected" "$ENDPOINTS")"
check 'only what failed is an error' equal "GET /wp-json/shop/v1/broken DomainException no stock" "$(ask "$ERRORS")"
check 'what a page asks another service is one trace' equal \
    'server GET / < none, client GET < server GET /, server GET /wp-json/shop/v1/product/{id} < client GET' \
    "$(ask 'foreach (traces("app=blog") as $t) {
            $spans = api("traces/$t[trace_id]")["spans"];
            $named = array_column($spans, null, "span_id");
            $own = array_filter($spans, fn ($s) => ($s["attributes"]["db.system.name"] ?? "") !== "mysql");
            if (count($own) === 3) {
                usort($own, fn ($a, $b) => $a["start_us"] <=> $b["start_us"]);
                $name = fn ($s) => $s ? "$s[kind] $s[name]" : "none";
                echo implode(", ", array_map(fn ($s) => $name($s) . " < " . $name($named[$s["parent_span_id"]] ?? null), $own));
            }
        }')"
check 'a failed query is told of, with the code of MariaDB' equal 'SELECT nowhere 1146' \
    "$(ask 'foreach (traces("app=blog&endpoint=" . urlencode("GET /")) as $t) {
            foreach (api("traces/$t[trace_id]")["spans"] as $s) { $s["status"] === "error" and print "$s[name] " . $s["attributes"]["error.type"]; }
        }')"
# A nonce, the moment, and what a request is called that asks again.
varies='"nonce":"[0-9a-f]+"|_wpnonce=[0-9a-f]+|[0-9]{2}:[0-9]{2}:[0-9]{2}'
for path in / "/$year/hello-world/" /nothing/ /feed/ /wp-json/ /wp-json/wp/v2/posts /wp-login.php '/wp-admin/admin-ajax.php?action=likes'; do
    check "the same without the extension: $path" same "$path" "$varies"
done
check 'FPM reports nothing' equal '' "$(grep -vE 'NOTICE|no stock|Stack trace|#[0-9]+ |thrown in|Undefined variable .upload' "$RUN/traced.log" || true)"
done_testing
