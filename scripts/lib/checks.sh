# shellcheck shell=bash
# Runs checks one after the other, times them and counts what passed. Sourced, not run; needs say.sh.
# A failed check does not stop the next one: a red run should say everything that is wrong.

CHECKS_PASSED=0
CHECKS_FAILED=0
CHECKS_LINES=()

# check NAME COMMAND…: counts as one.
check() {
    local name=$1 seconds=$SECONDS failed=0
    shift
    say_title "$name" "$(shorten "$*")"
    "$@" || failed=1
    count_check "$name" $((1 - failed)) "$failed" $((SECONDS - seconds))
}

# check_tests NAME COMMAND…: a cargo test command; counts as many as its tests. One that dies without
# a failed test (it did not compile, a test aborted) or that runs no test at all has failed as well.
check_tests() {
    local name=$1 seconds=$SECONDS rc=0 log passed failed
    shift
    log=$(mktemp)
    say_title "$name" "$(shorten "$*")"
    "$@" 2>&1 | tee "$log" || rc=$?
    read -r passed failed < <(awk '/^test result:/ { p += $4; f += $6 } END { print p + 0, f + 0 }' "$log")
    rm -f "$log"
    if ((failed == 0)) && ((rc != 0 || passed == 0)); then
        echo "$name: exit $rc, $passed tests passed" >&2
        failed=1
    fi
    count_check "$name" "$passed" "$failed" $((SECONDS - seconds))
}

# count_check NAME PASSED FAILED SECONDS
count_check() {
    local mark=ok
    CHECKS_PASSED=$((CHECKS_PASSED + $2))
    CHECKS_FAILED=$((CHECKS_FAILED + $3))
    (($3 == 0)) || mark=FAILED
    CHECKS_LINES+=("$(printf '%-7s %4d s  %5d passed %3d failed  %s' "$mark" "$4" "$2" "$3" "$1")")
    printf '%s\n' "${CHECKS_LINES[-1]}" >&2
}

shorten() {
    if ((${#1} > 90)); then printf '%s…' "${1:0:90}"; else printf '%s' "$1"; fi
}

# The table of all checks, then the line that a CI reads; fails when anything failed.
report_checks() {
    printf '\n%s\n' "${CHECKS_LINES[@]}"
    printf '\n%d passed, %d failed\n' "$CHECKS_PASSED" "$CHECKS_FAILED"
    ((CHECKS_FAILED == 0))
}
