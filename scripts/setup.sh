#!/usr/bin/env bash
# Makes sure that a make target finds what it needs. Installs what is missing
# through apt as root or by a sudo that asks no password; says what to install
# otherwise. Quick when nothing is missing.
#
#   setup.sh build|test|test-php|valgrind|bench|browser|demo|lint|install|PACKAGE ...
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Debian's packages of one PHP series. A PHP of your own, named by PHP or
# PHP_CONFIG, is taken as it is.
series=8.2
own_php=false
if [[ -n ${PHP:-} || -n ${PHP_CONFIG:-} ]]; then
    own_php=true
elif command -v php >/dev/null; then
    series=$(php -n -r 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;')
fi

packages=()
optional=()
rust=false
need() { packages+=("$@"); }
# What the target can do without: it then leaves something out, and says so.
want() { optional+=("$@"); }
need_program() { # program package
    command -v "$1" >/dev/null || need "$2"
}
need_php() {
    if ! $own_php; then
        for name in "$@"; do need "php$series-$name"; done
    fi
}

needs_of() { # target
    case $1 in
        build)
            rust=true
            # bindgen reads PHP's headers with libclang; cc links.
            need gcc libc6-dev libclang-dev
            need_php cli dev
            ;;
        install) need_php cli dev ;;
        demo)
            needs_of build && need_php opcache
            # What the traced application consists of. The servers of MariaDB and
            # Redis are in these packages, their services are not.
            want nginx php-slim mariadb-server-core redis-tools
            $own_php || want "php$series-fpm" "php$series-mysql" "php$series-redis" "php$series-curl"
            ;;
        lint) need shellcheck ;;
        test)
            needs_of build && needs_of lint
            needs_of test-php
            # What the scenario tests start: FPM and its clients.
            need_php fpm mbstring xml
            # Clients and servers of the tests of tracing, which are skipped without.
            # RabbitMQ, a large one, is left to who wants it.
            want memcached redis-server redis-tools
            $own_php || want "php$series-redis" "php$series-memcached" "php$series-mongodb" "php$series-amqp"
            # And the real applications among them; one that is not there is skipped.
            want nginx mariadb-server-core wordpress php-laravel-framework \
                php-symfony-framework-bundle php-symfony-messenger php-guzzlehttp-guzzle php-predis php-slim
            $own_php || want "php$series-mysql" "php$series-curl" "php$series-sqlite3" "php$series-intl"
            ;;
        test-php)
            needs_of build
            need_php opcache
            # To fetch and unpack the source package of PHP.
            need dpkg-dev xz-utils
            ;;
        valgrind) needs_of build && need_php opcache && need valgrind libc6-dbg ;;
        bench)
            needs_of build && need valgrind
            # What the applications that are measured consist of.
            want nginx mariadb-server-core php-slim wordpress redis-tools
            $own_php || want "php$series-fpm" "php$series-sqlite3" "php$series-redis" "php$series-curl" \
                "php$series-mysql" "php$series-xml" "php$series-mbstring"
            ;;
        browser)
            # The HTML report is opened in it. A Node that is not Debian's is
            # taken as it is: Debian's npm could not stand beside it.
            need_program chromium chromium
            need_program node nodejs
            need_program npm npm
            ;;
        *) need "$1" ;;
    esac
}
for target in "$@"; do
    needs_of "$target"
done

absent() { # package...
    local package state
    for package in $(printf '%s\n' "$@" | sort -u); do
        # shellcheck disable=SC2016 # dpkg's own field, not the shell's
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
        [[ $state == installed ]] || echo "$package"
    done
}
mapfile -t missing < <(absent "${packages[@]}")
mapfile -t missing_optional < <(absent "${optional[@]}")
install=(apt-get install -y --no-install-recommends)
as_root=()
[[ $(id -u) == 0 ]] || as_root=(sudo -n)
log="$BUILD/setup.log"

may_install() {
    command -v apt-get >/dev/null && { [[ $(id -u) == 0 ]] || sudo -n true 2>/dev/null; }
}
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >>"$log" 2>&1; }

# Packages of servers start them and enable them at boot. These are wanted for
# their programs only, so neither is done: what ran before still runs.
policy=/usr/sbin/policy-rc.d
units() { # package...
    dpkg-query -L "$@" 2>/dev/null | sed -nE 's#.*/systemd/system/([^/@]+\.service)$#\1#p' | sort -u
}
apt_install() { # package...
    local before after new unit status=0 own_policy=false
    before=$(dpkg-query -W -f '${binary:Package}\n' | sort)
    if [[ ! -e $policy ]]; then
        own_policy=true
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod 755 "$policy"
        trap '"${as_root[@]}" rm -f "$policy"' EXIT
    fi
    apt "${install[@]}" "$@" || status=$?
    if $own_policy; then
        "${as_root[@]}" rm -f "$policy"
        trap - EXIT
    fi
    after=$(dpkg-query -W -f '${binary:Package}\n' | sort)
    mapfile -t new < <(comm -13 <(echo "$before") <(echo "$after"))
    if ((${#new[@]})); then
        for unit in $(units "${new[@]}"); do
            apt systemctl disable "$unit" || true
            apt update-rc.d "${unit%.service}" disable || true
        done
    fi
    return "$status"
}

if ((${#missing[@]})); then
    may_install || die "these packages are missing: ${missing[*]}
Install them and run make again:
    sudo apt-get update && sudo ${install[*]} ${missing[*]}"
fi
if ((${#missing[@]} + ${#missing_optional[@]})) && may_install; then
    mkdir -p "$BUILD"
    : >"$log"
    say "installing ${missing[*]} ${missing_optional[*]}"
    apt apt-get update -qq || true
    if ((${#missing[@]})); then
        apt_install "${missing[@]}" || {
            tail -n 20 "$log" >&2
            die "apt could not install: ${missing[*]} (all of it: $log)"
        }
    fi
    if ((${#missing_optional[@]})) && ! apt_install "${missing_optional[@]}"; then
        # Together they cannot be had: what is there, one by one.
        for package in "${missing_optional[@]}"; do
            apt_install "$package" || true
        done
    fi
    mapfile -t missing_optional < <(absent "${optional[@]}")
fi
if ((${#missing_optional[@]})); then
    say "not installed, and done without: ${missing_optional[*]}"
fi

if $rust; then
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")
    command -v cargo >/dev/null || die "no Rust toolchain: 'cargo' is not on the PATH.
Install Rust $wanted or newer with rustup (see https://rustup.rs), open a new shell, and run make again.
Debian 12's own rustc is too old."
    have=$(rustc --version | cut -d' ' -f2)
    [[ $(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n1) == "$wanted" ]] ||
        die "Rust $wanted or newer is needed, this is $have. 'rustup update' brings it."
fi
