#!/usr/bin/env bash
# The demos, the leak finder's and tracing's, with the extension that was just built.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
select_php
need_extension
[[ -x $ROOT/demo/run.sh ]] || die "demo/run.sh is missing"
DEMO_ANSWER=$BUILD/demo/answer.txt
export DEMO_ANSWER
"$ROOT/demo/run.sh" "$@"
"$ROOT/demo/trace.sh"
