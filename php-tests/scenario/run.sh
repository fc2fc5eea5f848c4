#!/usr/bin/env bash
# Runs all scenarios (or those named) and prints a count.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
# shellcheck source=scripts/lib.sh
source ../../scripts/lib.sh

scenarios=("$@")
((${#scenarios[@]})) || scenarios=([0-9]*.sh)
passed=0 failed=0 skipped=0
for scenario in "${scenarios[@]}"; do
    say "scenario ${scenario%.sh}"
    timeout 600 "./$scenario"
    case $? in
        0) ((passed++)) ;;
        77) ((skipped++)) ;;
        *) ((failed++)) ;;
    esac
done
report "$passed" "$failed" "$skipped" scenarios
((failed == 0))
