# depmod's progress line: on a terminal and only there, after the first second, and nothing of it stays.

# One processor, so that depmod reads one module after the other.
taskset -cp "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')" $$ > /dev/null

# on_terminal NAME=VALUE...: depmod with a terminal; leaves what the terminal got in $screen, ESC as ^ and CR as <
on_terminal() {
    export -f fake
    export tools preload root release
    # script(1) runs its command by SHELL, and only bash knows functions of its parent.
    SHELL=$BASH script -qefc "fake $* depmod" /dev/null > "$WORK/screen" < /dev/null
    screen=$(tr '\33\r' '^<' < "$WORK/screen")
}

# A root where depmod has nothing to say.
quiet_root() {
    new_root builtin
    : > "$folder/modules.order"
}

test_it_appears_on_a_terminal_when_it_takes_long() {
    quiet_root
    on_terminal WATCH_DELAY=200
    contains 'the terminal' "$screen" '<depmod: '
    [[ $screen =~ \<depmod:\ [0-9]+\ of\ 12\ modules\^\[K ]]
}

test_it_is_gone_at_the_end() {
    quiet_root
    on_terminal WATCH_DELAY=200
    [[ $screen == *'modules^[K<^[K' ]]
}

test_a_message_takes_its_place() {
    quiet_root
    local number
    for number in 1 2 3 4 5 6; do echo 'no module' > "$folder/kernel/text$number.ko"; done
    on_terminal WATCH_DELAY=200
    [[ $screen =~ modules\^\[K\<\^\[Kdepmod:\ ERROR:\ failed\ to\ load\ symbols ]]
    # Without the line, the messages are whole lines.
    same messages 6 "$(sed 's/.*\^\[K//; s/<$//' <<< "$screen" | grep -c '^depmod: ERROR: failed to load symbols from [^ ]*: Exec format error$')"
}

test_a_short_run_shows_none() {
    quiet_root
    local attempt start
    for attempt in 1 2 3 4 5; do
        start=${EPOCHREALTIME/./}
        on_terminal WATCH_DELAY=0
        ((${EPOCHREALTIME/./} - start > 1000000)) || break  # else the machine was busy
    done
    same 'the terminal' '' "$screen"
}

test_there_is_none_without_a_terminal() {
    quiet_root
    run WATCH_DELAY=200 depmod
    same 'standard error' '' "$err"
    same output '' "$out"
}
