#!/usr/bin/env bash
# Formatting, lints, and shellcheck. Reports every kind, stops at none.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

passed=0 failed=0
try() { # name command...
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name"
    fi
}

mapfile -t scripts < <(find .ci/run bench demo docker php-tests scripts -name '*.sh' -o -name run -path '*.ci/*' 2>/dev/null)
try rustfmt cargo fmt --all --check
try clippy cargo clippy --locked --quiet --workspace --all-targets -- -D warnings
try shellcheck shellcheck -x -P SCRIPTDIR -P . "${scripts[@]}"
report "$passed" "$failed" 0 check
((failed == 0))
