# Module trees with things in them that are no modules: each is reported clearly, and the rest is processed as if it were not there.

# A tree in which depmod has nothing to say, and what it writes of it.
good_root() {
    new_root builtin
    : > "$folder/modules.order"
    run depmod -n
    same 'standard error' '' "$err"
    good=$out
}

# expect_still_good MESSAGE...: the good modules are as before, and these messages are all
expect_still_good() {
    run depmod -n
    same status 0 "$status"
    same messages "$(printf '%s\n' "$@" | LC_ALL=C sort)" "$(LC_ALL=C sort <<< "$err")"
    same 'lines that are gone' '' "$(comm -23 <(sort <<< "$good") <(sort <<< "$out"))"
}

below=/lib/modules/$release/kernel

test_links_files_and_folders_that_lead_nowhere() {
    good_root
    cd "$folder/kernel"
    ln -s nowhere.ko broken.ko
    ln -s circle.ko circle.ko
    ln -s . again
    ln -s ../kernel twice
    mkfifo pipe.ko
    ln -s /dev/null null.ko
    mkdir folder.ko
    echo 'no name' > .ko
    expect_still_good "depmod: ERROR: $below/again leads in a circle" "depmod: ERROR: $below/twice leads in a circle" \
        "depmod: ERROR: unsupported file type $below/pipe.ko: 10000" "depmod: ERROR: unsupported file type $below/null.ko: 20000" \
        "depmod: ERROR: could not stat '$below/broken.ko': No such file or directory" \
        "depmod: ERROR: could not stat '$below/circle.ko': Too many levels of symbolic links"
    same 'lines of the good tree alone' "$good" "$out"
}

test_links_to_modules_and_folders_are_modules() {
    good_root
    mkdir "$folder/kernel/inside" "$root/outside"
    cp "$folder/kernel/after.ko" "$root/outside/beyond.ko"
    ln -s "$root/outside" "$folder/kernel/inside/link"
    ln -s after.ko "$folder/kernel/alias_of_after.ko"
    expect_still_good ''
    contains depmod "$out" 'kernel/inside/link/beyond.ko:'
    contains depmod "$out" 'kernel/alias_of_after.ko:'
}

test_empty_and_cut_files() {
    good_root
    local size length messages=()
    : > "$folder/kernel/empty.ko"
    messages+=("depmod: ERROR: failed to load symbols from $below/empty.ko: Invalid argument")
    size=$(stat -c %s "$folder/kernel/top.ko")
    for length in 1 15 16 63 64 100 $((size / 2)) $((size - 1)); do
        head -c $length "$folder/kernel/top.ko" > "$folder/kernel/cut_$length.ko"
        messages+=("depmod: ERROR: failed to load symbols from $below/cut_$length.ko: $([[ $length == 15 ]] && echo Exec format error || echo Invalid argument)")
    done
    expect_still_good "${messages[@]}"
}

test_huge_files_cost_neither_time_nor_memory() {
    good_root
    truncate -s 4T "$folder/kernel/zeros.ko" 2> /dev/null || truncate -s 200G "$folder/kernel/zeros.ko"
    { printf '\050\265\057\375'; cat "$folder/kernel/top.ko"; } > "$folder/kernel/packed.ko.zst"
    truncate -s 100G "$folder/kernel/packed.ko.zst"
    cp "$folder/kernel/after.ko" "$folder/kernel/long.ko"
    truncate -s 100G "$folder/kernel/long.ko"
    ulimit -v 2000000
    expect_still_good "depmod: ERROR: failed to load symbols from $below/zeros.ko: Exec format error" \
        "depmod: ERROR: failed to load symbols from $below/packed.ko.zst: File too large"
    contains depmod "$out" 'kernel/long.ko:'
}

test_names_that_make_lines_of_their_own() {
    good_root
    cp "$folder/kernel/low.ko" "$folder/kernel/with blank.ko"
    cp "$folder/kernel/low.ko" "$folder/kernel/x: kernel"$'\n'"low.ko"
    expect_still_good "depmod: ERROR: left out $below/with blank.ko: its name holds a blank or a colon" \
        "depmod: ERROR: left out $below/x: kernel"$'\n'"low.ko: its name holds a blank or a colon"
}

test_of_two_equal_modules_kmod_and_we_take_the_same() {
    new_root builtin
    : > "$folder/modules.order"
    local place
    for place in z a m updates/b updates/a y .hidden; do
        mkdir -p "$folder/$place"
        cp "$folder/kernel/low.ko" "$folder/$place/low.ko"
        xz -c "$folder/kernel/mid.ko" > "$folder/$place/mid.ko.xz"
    done
    run depmod -n
    local ours=$(grep '^[^#]*:' <<< "$out")
    tools=$stock run depmod -n
    same 'modules.dep of kmod and ours' "$(grep '^[^#]*:' <<< "$out")" "$ours"
}

test_modinfo_and_insmod_say_what_a_file_is_not() {
    good_root
    cd "$folder/kernel"
    mkdir folder.ko
    mkfifo pipe.ko
    ln -s nowhere.ko broken.ko
    : > empty.ko
    truncate -s 200G zeros.ko
    local file
    for file in folder.ko pipe.ko broken.ko; do
        run timeout 20 "$tools/insmod" "$folder/kernel/$file"
        same "status of insmod $file" 1 "$status"
        contains "insmod $file" "$err" 'insmod: ERROR: could not '
    done
    for file in folder.ko pipe.ko broken.ko empty.ko zeros.ko; do
        run timeout 20 "$tools/modinfo" "$folder/kernel/$file" "$folder/kernel/low.ko"
        same "status of modinfo $file" 1 "$status"
        contains "modinfo $file" "$err" 'modinfo: ERROR: '
        contains "modinfo after $file" "$out" 'The lowest one'
    done
}
