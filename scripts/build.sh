#!/usr/bin/env bash
# Builds the extension, the dashboard where npm is there, and the agent. PHP and PHP_CONFIG choose the PHP to
# build for; naming one is enough.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Left alone where nobody chose: another environment would make cargo build
# all of it again.
if [[ -n ${PHP:-} || -n ${PHP_CONFIG:-} ]]; then
    select_php_dev
else
    (select_php_dev)
fi
cd "$ROOT"
scripts/dashboard.sh build
cargo build --release --locked
say "built $TARGET_DIR/release/libswoole_tracker.so and tracker-agent"
