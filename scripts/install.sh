#!/usr/bin/env bash
# Installs the built extension, its ini file, the agent and its systemd unit, which is neither
# enabled nor started. DESTDIR stages, PREFIX (/usr/local) is where the agent's
# bin/ and lib/systemd/system/ lie; the extension and its ini go where PHP looks
# for them. An ini file that somebody changed is kept.
set -euo pipefail
given=${EXT:-}
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
select_php_dev
need_extension
# Whoever has cargo has just built (see Makefile).
if [[ -z $given ]] && ! command -v cargo >/dev/null; then
    newer=$(find "$ROOT"/{src,core,protocol,agent,Cargo.toml,Cargo.lock,build.rs} -type f -newer "$EXT" -print -quit)
    [[ -z $newer ]] || die "$EXT is older than $newer, and there is no cargo on this PATH to build it. Run 'make build' as the user who has, then this again."
fi
PREFIX=${PREFIX:-/usr/local}
DESTDIR=${DESTDIR:-}

extensions=$DESTDIR$("$PHP_CONFIG" --extension-dir)
available=/etc/php/$PHP_SERIES/mods-available
if [[ -d $available ]]; then
    # Debian: one file for all SAPIs, switched on by phpenmod.
    ini=$DESTDIR$available/swoole_tracker.ini
else
    scan=$("$PHP_CONFIG" --ini-dir 2>/dev/null || true)
    [[ -d $scan ]] || scan=$("$PHP" -r 'echo PHP_CONFIG_FILE_SCAN_DIR;')
    [[ -n $scan ]] || die "$PHP reads no folder of ini files: add the lines of swoole_tracker.ini to its php.ini yourself"
    ini=$DESTDIR$scan/30-swoole_tracker.ini
fi

if [[ -z $DESTDIR && $(id -u) != 0 && ! -w $extensions ]]; then
    die "$extensions is not writable: run 'sudo make install', or stage with DESTDIR"
fi

# Written beside the old one and renamed, so that a running PHP keeps the file
# it has mapped.
put() { # mode source target
    mkdir -p "$(dirname "$3")"
    install -m "$1" "$2" "$3.new"
    mv -f "$3.new" "$3"
    echo "  $3"
}
put 644 "$EXT" "$extensions/swoole_tracker.so"
if [[ -f $ini ]] && ! cmp -s "$ROOT/swoole_tracker.ini" "$ini"; then
    echo "  $ini is kept as it is; this release's is $ROOT/swoole_tracker.ini"
else
    put 644 "$ROOT/swoole_tracker.ini" "$ini"
fi
if [[ -x $TARGET_DIR/release/tracker-agent ]]; then
    put 755 "$TARGET_DIR/release/tracker-agent" "$DESTDIR$PREFIX/bin/tracker-agent"
    filled=$(mktemp)
    trap 'rm -f "$filled"' EXIT
    sed "s#@BINDIR@#$PREFIX/bin#" "$ROOT/scripts/systemd/tracker-agent.service.in" >"$filled"
    unit=$PREFIX/lib/systemd/system/tracker-agent.service
    put 644 "$filled" "$DESTDIR$unit"
fi

# What is left to do, with the paths as they are where it is done: without DESTDIR.
next_steps() {
    local service=tracker-agent
    echo "  restart FPM and workers, so that they load the extension"
    [[ -n ${unit:-} ]] || return 0
    case $PREFIX in
        /usr | /usr/local) ;;
        # Not a folder that systemd searches.
        *) service=$unit ;;
    esac
    echo "  start the agent:  sudo systemctl enable --now $service"
    echo "  or, as any user:  $PREFIX/bin/tracker-agent run (see README, 'The agent')"
    echo "  check all of it:  $PREFIX/bin/tracker-agent doctor"
}

if [[ -n $DESTDIR ]]; then
    say "staged in $DESTDIR; where it is unpacked:"
    [[ ! -d $available ]] || echo "  switch it on:     sudo phpenmod -v $PHP_SERIES swoole_tracker"
    next_steps
else
    # It may be new to systemd; where that does not run there is nothing to tell.
    if [[ $(id -u) == 0 && -d /run/systemd/system ]]; then
        systemctl daemon-reload || true
    fi
    if [[ -d $available ]] && command -v phpenmod >/dev/null; then
        phpenmod -v "$PHP_SERIES" swoole_tracker
    fi
    # The proof: a PHP started as usual has it.
    "$PHP" -r 'exit(extension_loaded("swoole_tracker") ? 0 : 1);' ||
        die "installed, but $PHP does not load it; see '$PHP -m'"
    say "installed for $PHP; what is left to do:"
    next_steps
fi
