# libkmod.so.2 in the place of kmod's: one program, client.c, asks both the same and gets the same answers.

ours=$(realpath "$TOOLS/../../libkmod")
calls=$here/libkmod

# The folder with kmod's own library.
theirs() { dirname "$(ldconfig -p | awk '$1 == "libkmod.so.2" { print $NF; exit }')"; }

# symbols_of LIBRARY: NAME VERSION of each function
symbols_of() { nm -D --defined-only --with-symbol-versions "$1" | awk '$2 == "T" { sub(/@+/, " ", $3); print $3 }' | LC_ALL=C sort; }

test_symbols_and_versions_are_those_of_kmod() {
    same 'exported functions' "$(grep -v '^#' "$calls/symbols.list" | LC_ALL=C sort)" "$(symbols_of "$ours/libkmod.so.2")"
    same 'functions that kmod has and we lack' '' "$(LC_ALL=C comm -23 <(symbols_of "$(theirs)/libkmod.so.2") <(symbols_of "$ours/libkmod.so.2"))"
    same 'soname' libkmod.so.2 "$(objdump -p "$ours/libkmod.so.2" | awk '$1 == "SONAME" { print $2 }')"
    same 'libraries that it loads' 'libc.so.6 liblzma.so.5 libz.so.1 libzstd.so.1' \
        "$(objdump -p "$ours/libkmod.so.2" | awk '$1 == "NEEDED" && $2 !~ /^ld-/ { print $2 }' | LC_ALL=C sort | xargs)"
}

# answers LIBRARY FOLDER [CONFIG...]: what the client prints for the calls in $WORK/calls, in a root as $make_root makes it. kmod 30 has no
# blank between the two lists of a softdep.
answers() {
    local library=$1; shift
    $make_root
    run LD_LIBRARY_PATH="$library" ${FORK:+FORK=yes} "$PRELOADS/libkmod_client" "$@" < "$WORK/calls"
    out=$(sed 's/\([a-z]\)post: /\1 post: /' <<< "$out")
}
make_root=full_root

# compare FOLDER [CONFIG...]
compare() {
    local expected
    answers "$(theirs)" "$@"
    expected=$out
    same 'status with the library of kmod' 0 "$status"
    answers "$ours" "$@"
    same 'status' 0 "$status"
    same 'answers' "$expected" "$out"
    [[ $(wc -l <<< "$out") -ge $(wc -l < "$WORK/calls") ]]
}

# A root in which everything is: modules, loaded ones, built-in ones, a configuration.
full_root() {
    new_root builtin config loaded
    fake depmod 2> /dev/null
    mkdir -p "$root/sys/module/top/sections"
    printf '0xffff800001234000\n' > "$root/sys/module/top/sections/.text"
}

test_same_answers_for_names_files_and_the_configuration() {
    sed "s,FOLDER,/lib/modules/$release/kernel," "$calls/calls" > "$WORK/calls"
    compare - -
    compare -
    compare "/lib/modules/$release" /etc/modprobe.d /lib/modprobe.d
    compare /no/such/folder -
}

root_without_index() {
    full_root
    rm -f "$folder/modules.$index.bin"
}

root_with_bad_index() {
    full_root
    echo garbage that is no index > "$folder/modules.$index.bin"
}

test_same_answers_where_indexes_are_missing_or_damaged() {
    printf '%s\n' load 'lookup top' 'lookup wild-x' 'find low' unload 'dump 0' 'dump 1' 'lookup top' validate > "$WORK/calls"
    local index
    for index in dep alias symbols builtin builtin.alias; do
        make_root=root_without_index compare - -
        make_root=root_with_bad_index compare - -
    done
}

# The client in a pipe, so that files change between its calls.
test_resources_tell_that_files_have_changed() {
    full_root
    local what
    mkfifo "$WORK/pipe.$$"
    for what in "lib/modules/$release/modules.alias.bin" etc/modprobe.d; do
        run LD_LIBRARY_PATH="$ours" "$PRELOADS/libkmod_client" - - < "$WORK/pipe.$$" &
        exec 7> "$WORK/pipe.$$"
        printf '%s\n' load validate >&7
        sleep 1.5  # the client answers meanwhile; what it prints comes at its end
        touch -d 2001-01-01 "$root/$what"
        printf '%s\n' validate unload load validate >&7
        exec 7>&-
        wait
        out=$(grep validate "$WORK/out" | xargs)
        case $what in
        etc/*) same "after $what changed" 'validate 0 validate 2 validate 2' "$out" ;;
        *)     same "after $what changed" 'validate 0 validate 1 validate 0' "$out" ;;
        esac
    done
    rm "$WORK/pipe.$$"
}

test_null_is_an_error_and_no_crash() {
    echo null > "$WORK/calls"
    local expected
    FORK=yes answers "$(theirs)" - -
    expected=$(sed -e '/crashes$/d' -e '/MODULES_DEP, -1/s/0$/-9/' <<< "$out")  # where it writes is not checked
    answers "$ours" - -
    same 'status' 0 "$status"
    same 'answers' "$expected" "$(grep -v -e get_dirname -e free_iter <<< "$out")"
    contains 'a name without a context' "$out" 'kmod_get_dirname(((void *)0)) is NULL'
}

test_weak_dependencies() {
    full_root
    printf 'weakdep top low no-such\nweakdep m* before\n' > "$root/etc/modprobe.d/weak.conf"
    printf '%s\n' 'name top' 'name mid' config > "$WORK/calls"
    run LD_LIBRARY_PATH="$ours" WEAKDEPS=yes "$PRELOADS/libkmod_client" - - < "$WORK/calls"
    same 'weak dependencies' '  weak: low|  weak: before|  top: low no-such|  m*: before' \
        "$(grep -e '  weak:' -e '  top: low' -e '  m\*' <<< "$out" | awk '!seen[$0]++' | paste -sd '|')"
}

test_messages_go_to_the_log_of_the_context() {
    full_root
    echo 'alias' > "$root/etc/modprobe.d/bad.conf"
    printf '%s\n' 'remove 0 top' 'insert 0 low' 'loaded' > "$WORK/calls"
    rm "$root/proc/modules"
    run LD_LIBRARY_PATH="$ours" MESSAGES=yes "$PRELOADS/libkmod_client" - - < "$WORK/calls"
    contains 'what was said' "$out" 'message 3 of kmod_module_new_from_loaded: could not open /proc/modules: No such file or directory'
    contains 'what a context says before it has a log' "$err" "libkmod: ERROR: kmod_new: /etc/modprobe.d/bad.conf line 1: ignoring bad line"
    run LD_LIBRARY_PATH="$ours" KMOD_LOG=0 "$PRELOADS/libkmod_client" - - < "$WORK/calls"
    same 'what is said below the priority of KMOD_LOG' '' "$err"
}

test_valgrind_finds_nothing() {
    full_root
    { sed "s,FOLDER,$root/lib/modules/$release/kernel," "$calls/calls"; echo null; } > "$WORK/calls"
    local log=$WORK/valgrind
    LD_LIBRARY_PATH=$ours WEAKDEPS=yes valgrind --log-file="$log" --error-exitcode=9 --leak-check=full \
        --errors-for-leak-kinds=definite,indirect,possible "$PRELOADS/libkmod_client" "$root/lib/modules/$release" "$root/etc/modprobe.d" < "$WORK/calls" > "$WORK/out" 2>&1 ||
        { cat "$log"; return 1; }
    contains 'calls that were made' "$(cat "$WORK/out")" 'module top'
}
