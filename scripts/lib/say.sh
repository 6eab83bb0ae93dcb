# shellcheck shell=bash
# What the scripts tell a person: Vietnamese first, English beside it. Sourced, not run.
# Everything goes to standard error but what a caller asked for; colour only on a terminal.

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
    SAY_BOLD=$'\e[1m' SAY_RED=$'\e[31m' SAY_GREEN=$'\e[32m' SAY_DIM=$'\e[2m' SAY_PLAIN=$'\e[0m'
else
    SAY_BOLD='' SAY_RED='' SAY_GREEN='' SAY_DIM='' SAY_PLAIN=''
fi

# say VIETNAMESE ENGLISH: one thing that is about to happen or has happened.
say() {
    printf '%s\n  %s%s%s\n' "$1" "$SAY_DIM" "$2" "$SAY_PLAIN" >&2
}

# say_good VIETNAMESE ENGLISH
say_good() {
    printf '%s✓ %s%s\n  %s%s%s\n' "$SAY_GREEN" "$1" "$SAY_PLAIN" "$SAY_DIM" "$2" "$SAY_PLAIN" >&2
}

# say_title VIETNAMESE ENGLISH: the head of a part of the script.
say_title() {
    printf '\n%s== %s · %s%s\n' "$SAY_BOLD" "$1" "$2" "$SAY_PLAIN" >&2
}

# give_up CODE VIETNAMESE ENGLISH: says why the script cannot go on, and ends it.
give_up() {
    printf '\n%s✗ %s%s\n  %s\n' "$SAY_RED" "$2" "$SAY_PLAIN" "$3" >&2
    exit "$1"
}
