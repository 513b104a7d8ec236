# Bugs that kmod had, with input too long or too odd for a transcript; cases/bugs.case has the others, index_failures.sh what happens to
# the indexes of two depmods or on a full disk, odd_trees.sh folders and FIFOs that are called modules.

# expect_refused COMMAND...: a failure with a message, not a crash
expect_refused() {
    run "$@"
    same "status of ${1:0:40} ${2:0:40}" 1 "$status"
    contains "message of ${1:0:40}" "$err" "$1: "
}

test_names_and_paths_longer_than_any_buffer() {
    new_root loaded
    local name path
    name=$(printf 'n%.0s' {1..5000}) path=$(printf '/d%.0s' {1..3000})
    expect_refused rmmod "$name"
    expect_refused rmmod "$path/$name.ko"
    expect_refused modprobe "$name"
    expect_refused modprobe -r "$name"
    expect_refused modprobe -R "$name"
    expect_refused modprobe "$path/x.ko"
    expect_refused modprobe -S "$name" after
    expect_refused modprobe -d "$path" after
    expect_refused insmod "$path/x.ko"
    expect_refused modinfo "$name"
    expect_refused modinfo "$path/x.ko"
    expect_refused depmod -n -b "$path" $release
    expect_refused depmod -n "$release$name"
}

test_unmatched_brackets_in_aliases() {
    new_root
    mkdir -p "$root/etc/modprobe.d"
    local brackets length
    for length in 1 50 4000 100000; do
        brackets=$(printf '[%.0s' $(seq $length))
        printf 'alias %sa- low\nalias a%s mid\nalias odd:[a-c] after\n' "$brackets" "$brackets" > "$root/etc/modprobe.d/x.conf"
        run modprobe -D "odd:b"
        same "what an alias after $length brackets leads to" "insmod /lib/modules/$release/kernel/after.ko " "$out"
        same 'bad lines' 2 "$(grep -c "ignoring bad line starting with 'alias'" <<< "$err")"
        [[ $length -gt 4000 ]] || expect_refused modprobe -R "odd:$brackets"
    done
}

test_blacklist_stops_no_dependency_and_why_says_so() {
    new_root
    mkdir -p "$root/etc/modprobe.d"
    printf 'blacklist low\nblacklist before\n' > "$root/etc/modprobe.d/x.conf"
    run modprobe -b -D top
    contains 'modprobe -b -D' "$out" "insmod /lib/modules/$release/kernel/low.ko "
    contains 'modprobe -b -D' "$out" "insmod /lib/modules/$release/kernel/before.ko "
    local ours=$out
    tools=$stock run modprobe -b -D top
    same 'what kmod does' "$out" "$ours"
    run modprobe --why top
    same 'modules that --why calls blacklisted' 2 "$(grep -c 'blacklisted (/etc/modprobe.d/x.conf:[12]); that counts only for aliases, or with -b' <<< "$out")"
    run modprobe -b -D low
    same 'the module itself with -b' '' "$out"
}

test_index_with_any_byte_wrong() {
    new_root
    mkdir "$WORK/sound" 2> /dev/null || true
    cp "$folder"/*.bin "$WORK/sound/"
    local index size place
    for index in dep alias symbols; do
        size=$(stat -c %s "$folder/modules.$index.bin")
        for ((place = 8; place < size; place += 1 + size / 60)); do
            printf '\377' | dd of="$folder/modules.$index.bin" bs=1 seek=$place conv=notrunc status=none
            run timeout 10 "$tools/modprobe" -a -D top fake:mid1 symbol:low_call fake:top-b
            [[ $status -le 1 ]] || { echo "status $status with byte $place of modules.$index.bin wrong"; return 1; }
            cp "$WORK/sound/modules.$index.bin" "$folder/"
        done
        truncate -s $((size / 2)) "$folder/modules.$index.bin"
        run timeout 10 "$tools/modprobe" -a -D top fake:mid1 symbol:low_call
        [[ $status -le 1 ]]
        cp "$WORK/sound/modules.$index.bin" "$folder/"
    done
}

test_lists_of_soft_and_weak_dependencies_of_any_length() {
    new_root
    mkdir -p "$root/etc/modprobe.d"
    local names
    names=$(printf 'a_module_with_a_rather_long_name_%s ' {1..5000})
    printf 'softdep top pre: %s post: %s\nweakdep top %s\n' "$names" "$names" "$names" > "$root/etc/modprobe.d/x.conf"
    run modprobe -c
    contains 'modprobe -c' "$out" "softdep top pre: ${names% } post: ${names% }"
    contains 'modprobe -c' "$out" "weakdep top ${names% }"
    run modprobe -q -D top
    contains 'modprobe -D' "$out" "insmod /lib/modules/$release/kernel/top.ko "
}

test_information_on_built_in_modules_of_any_form() {
    new_root builtin
    local long file=$folder/modules.builtin.modinfo
    long=$(printf 'n%.0s' {1..70000})
    for tail in '' '\0' '\0\0' '\0noequals' '\0noequals\0' '\0=x\0' '\0.\0' "\0$long.alias=x\0" "\0inside_kernel.alias=$long\0" '\0inside_kernel.alias'; do
        printf "inside_kernel.alias=known$tail" > "$file"
        run depmod
        same "status of depmod with ${tail:0:30}" 0 "$status"
        run modinfo -F alias inside-kernel
        contains "modinfo with ${tail:0:30}" "$out" 'known'
    done
    : > "$file"
    run depmod
    same 'status of depmod without any information' 0 "$status"
}

test_a_module_that_leaves_while_it_is_listed() {
    new_root loaded
    echo 'leaving 8192 -2 - Unloading 0x0' >> "$root/proc/modules"
    echo 'fresh 4096 1 - Loading 0x0' >> "$root/proc/modules"
    run lsmod
    contains lsmod "$out" 'leaving                 8192  -2'
    contains lsmod "$out" 'fresh                   4096  1'
    same 'standard error' '' "$err"
    same status 0 "$status"
}
