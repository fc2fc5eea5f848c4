#!/usr/bin/env bash
# shellcheck disable=SC1091,SC2016,SC2317 # found at run time; $ in PHP code; called by check
# DESTDIR stages an installation: what lies there is what PHP would load, nothing
# of the machine is touched, and an ini file that somebody changed is kept.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
select_php_dev

stage="$WORK/stage"
install_there() {
    # EXT is given: nothing is built here.
    make -s -C "$ROOT" install EXT="$EXT" PHP="$PHP" PHP_CONFIG="$PHP_CONFIG" \
        DESTDIR="$stage" PREFIX=/opt/tracker >"$WORK/out" 2>&1
}
state() { # of what a real installation would change
    local extensions
    extensions=$("$PHP_CONFIG" --extension-dir)
    ls -l --time-style=full-iso "$extensions" "/etc/php/$PHP_SERIES/mods-available" "/etc/php/$PHP_SERIES/cli/conf.d" 2>/dev/null || true
}
before=$(state)
check 'make install with DESTDIR succeeds' install_there
[[ $FAILED == 0 ]] || sed 's/^/# /' "$WORK/out"
check 'the machine is as before' equal "$before" "$(state)"

library="$stage$("$PHP_CONFIG" --extension-dir)/swoole_tracker.so"
check 'the library is the one that was built' cmp -s "$EXT" "$library"
check 'PHP loads it from there' equal yes \
    "$("$PHP" -n -d "extension=$library" -r 'echo function_exists("trackerHookMalloc") ? "yes" : "no";')"
mapfile -t found < <(find "$stage" -name '*swoole_tracker.ini')
check 'there is one ini file' equal 1 "${#found[@]}"
check 'it is that of the release' cmp -s "$ROOT/swoole_tracker.ini" "${found[0]}"
check 'PHP understands it' equal '' \
    "$("$PHP" -n -r 'parse_ini_file($argv[1], false, INI_SCANNER_RAW) ?: print("no ini file");' -- "${found[0]}" 2>&1)"
if [[ -x $TARGET_DIR/release/tracker-agent ]]; then
    check 'the agent lies below PREFIX' cmp -s "$TARGET_DIR/release/tracker-agent" "$stage/opt/tracker/bin/tracker-agent"
    unit="$stage/opt/tracker/lib/systemd/system/tracker-agent.service"
    check 'its unit starts it from there' grep -qx 'ExecStart=/opt/tracker/bin/tracker-agent run' "$unit"
    check 'with no placeholder left' equal 0 "$(grep -c '@' <(grep -v SystemCallFilter "$unit"))"
    if command -v systemd-analyze >/dev/null; then
        # Of a program that is there.
        sed 's#^ExecStart=.*#ExecStart=/bin/true#' "$unit" >"$WORK/tracker-agent.service"
        check 'systemd understands it' equal '' "$(systemd-analyze verify "$WORK/tracker-agent.service" 2>&1)"
    fi
    check 'what is left to do names paths without the stage' \
        equal 0 "$(sed -n '/where it is unpacked/,$p' "$WORK/out" | tail -n +2 | grep -cF "$stage")"
    check 'that of the unit, which is in no folder of systemd' \
        grep -qF 'systemctl enable --now /opt/tracker/lib/systemd/system/tracker-agent.service' "$WORK/out"
    check 'that of the agent' grep -qF '/opt/tracker/bin/tracker-agent doctor' "$WORK/out"
fi
check 'nothing else was staged' equal '' \
    "$(find "$stage" -type f ! -name swoole_tracker.so ! -name '*swoole_tracker.ini' ! -name tracker-agent ! -name tracker-agent.service)"

echo '; mine' >>"${found[0]}"
check 'a second time' install_there
check 'a changed ini file is kept' equal '; mine' "$(tail -n1 "${found[0]}")"
check 'and that is said' grep -q 'is kept as it is' "$WORK/out"
done_testing
