#!/usr/bin/env bash
# Prints the folder with the source of the installed PHP, with the
# distribution's patches applied; fetches and unpacks it at first use. Only
# there are PHP's own tests. `.php` in that folder names an interpreter of that
# very version, `.extension_dir` its extensions: the installed ones, unless the
# archive lacks the source of that version.
#
# Set PHP_SRC to a source tree of your own for a PHP that no package manager
# installed.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
select_php

for tool in apt-get apt-cache dpkg-query dpkg-deb dpkg-source; do
    [[ -n ${PHP_SRC:-} ]] || command -v $tool >/dev/null ||
        die "$tool is missing: the source of PHP is fetched as a Debian source package. Set PHP_SRC instead."
done

version=$("$PHP" -n -r 'echo PHP_VERSION;')

finish() { # tree interpreter
    echo "$2" >"$1/.php"
    "$2" -n -r 'echo ini_get("extension_dir");' >"$1/.extension_dir"
    [[ -z ${3:-} ]] || echo "$3" >"$1/.extension_dir"
    touch "$1/.complete"
    echo "$1"
    exit
}

if [[ -n ${PHP_SRC:-} ]]; then
    grep -q "define PHP_VERSION \"$version\"" "$PHP_SRC/main/php_version.h" ||
        die "PHP_SRC=$PHP_SRC is not the source of PHP $version"
    finish "$PHP_SRC" "$PHP"
fi

package=$(dpkg-query -S "$PHP" 2>/dev/null | head -n1 | cut -d: -f1) ||
    die "$PHP belongs to no Debian package. Set PHP_SRC to its source tree."
# shellcheck disable=SC2016 # dpkg's own fields, not the shell's
read -r source full < <(dpkg-query -W -f '${source:Package} ${source:Version}\n' "$package")

# An older tree serves only where the exact one could not be had (below).
for tree in "$BUILD/php-src/$source-$full" "$BUILD/php-src/$source-instead-of-$full"; do
    if [[ -f $tree/.complete ]]; then
        echo "$tree"
        exit
    fi
done

# A private apt: the machine's own sources, asked for source packages too. The
# machine's configuration and lists stay as they are.
apt="$BUILD/php-src/apt"
rm -rf "$apt"
mkdir -p "$apt/sources.d" "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/download"
for file in /etc/apt/sources.list.d/*.sources; do
    [[ -f $file ]] || continue
    sed -E 's/^Types:.*/Types: deb deb-src/' "$file" >"$apt/sources.d/${file##*/}"
done
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [[ -f $file ]] || continue
    sed -nE 'p; s/^[[:space:]]*deb[[:space:]]/deb-src /p' "$file" >"$apt/sources.d/one-line-${file##*/}"
done
options=(
    -qq
    -o "Dir::Etc::sourcelist=/dev/null"
    -o "Dir::Etc::sourceparts=$apt/sources.d"
    -o "Dir::State::lists=$apt/lists"
    -o "Dir::Cache=$apt/cache"
    -o "APT::Get::List-Cleanup=0"
    -o "APT::Sandbox::User=$(id -un)"
)

fetch_source() { # version tree
    rm -rf "$apt/download" "$2"
    mkdir -p "$apt/download"
    # Its own words only say, file by file, that the mirror lacks the source.
    (cd "$apt/download" && apt-get "${options[@]}" source --download-only "$source=$1" >"$BUILD/php-src/apt.log" 2>&1) || return 1
    # apt has checked the files against the signed index.
    dpkg-source --no-check -x "$apt"/download/*.dsc "$2" >/dev/null
}

say "fetching the source of $source $full" >&2
apt-get "${options[@]}" update >&2
if fetch_source "$full" "$BUILD/php-src/$source-$full"; then
    rm -rf "$apt"
    finish "$BUILD/php-src/$source-$full" "$PHP"
fi

# A mirror may hold the binary package of a version and lack its source. The
# suites must be of the version of the PHP that runs them, so take the newest
# version of which both are offered, and run that interpreter out of build/.
tree="$BUILD/php-src/$source-instead-of-$full"
while read -r other; do
    [[ $other != "$full" ]] || continue
    say "no source of $full here; trying $other, interpreter included" >&2
    fetch_source "$other" "$tree" || continue
    root="$tree/.interpreter"
    mkdir -p "$root"
    rm -rf "$apt/download"
    mkdir "$apt/download"
    (cd "$apt/download" && apt-get "${options[@]}" download \
        "php$PHP_SERIES-cli=$other" "php$PHP_SERIES-common=$other" "php$PHP_SERIES-opcache=$other" >&2) || continue
    for deb in "$apt"/download/*.deb; do
        dpkg-deb -x "$deb" "$root"
    done
    rm -rf "$apt"
    extensions=$(dirname "$(find "$root/usr/lib/php" -name ctype.so)")
    finish "$tree" "$root/usr/bin/php$PHP_SERIES" "$extensions"
done < <(apt-cache "${options[@]}" showsrc "$source" | sed -n 's/^Version: //p' | sort -rV)
die "the sources of apt offer no source of $source. Set PHP_SRC to the source tree of PHP $version."
