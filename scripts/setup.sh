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
rust=false
need() { packages+=("$@"); }
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
        demo) needs_of build && need_php opcache ;;
        lint) need shellcheck ;;
        test)
            needs_of build && needs_of lint
            needs_of test-php
            # What the scenario tests start: FPM and its clients.
            need_php fpm mbstring xml
            ;;
        test-php)
            needs_of build
            need_php opcache
            # To fetch and unpack the source package of PHP.
            need dpkg-dev xz-utils
            ;;
        valgrind) needs_of build && need_php opcache && need valgrind libc6-dbg ;;
        bench) needs_of build && need valgrind ;;
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

missing=()
for package in $(printf '%s\n' "${packages[@]}" | sort -u); do
    # shellcheck disable=SC2016 # dpkg's own field, not the shell's
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
    [[ $state == installed ]] || missing+=("$package")
done

if ((${#missing[@]})); then
    install=(apt-get install -y --no-install-recommends "${missing[@]}")
    as_root=()
    if [[ $(id -u) != 0 ]]; then
        as_root=(sudo -n)
        sudo -n true 2>/dev/null || die "these packages are missing: ${missing[*]}
Install them and run make again:
    sudo apt-get update && sudo ${install[*]}"
    fi
    command -v apt-get >/dev/null || die "these packages are missing, and there is no apt-get to install them: ${missing[*]}"
    say "installing ${missing[*]}"
    log="$BUILD/setup.log"
    mkdir -p "$BUILD"
    {
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}"
    } >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        die "apt could not install: ${missing[*]} (all of it: $log)"
    }
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
