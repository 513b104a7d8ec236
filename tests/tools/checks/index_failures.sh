# depmod that is killed, or finds no room, leaves the old indexes, each whole.

# A root with indexes of one tree (kept in $WORK/old) and another tree to be indexed, whose indexes are in $WORK/new.
changed_root() {
    new_root builtin
    : > "$folder/modules.order"
    rm "$folder/kernel/low.ko"
    run depmod
    keep old
    cp "$modules/low.ko" "$folder/kernel/low.ko"
    sed 's/fake:top/else:top/' "$modules/top.ko" > "$folder/kernel/top.ko"
    cp "$modules/node.ko" "$folder/kernel/second_node.ko"
    cp "$modules/several.ko" "$folder/kernel/second_several.ko"
    run depmod
    same status 0 "$status"
    keep new
    restore
    # All that depends on the tree differs.
    cmp -s "$WORK/old/modules.dep.bin" "$WORK/new/modules.dep.bin" && return 1
    cmp -s "$WORK/old/modules.alias.bin" "$WORK/new/modules.alias.bin" && return 1
    cmp -s "$WORK/old/modules.symbols.bin" "$WORK/new/modules.symbols.bin" && return 1
    return 0
}

indexes='dep dep.bin alias alias.bin softdep weakdep symbols symbols.bin devname builtin.bin builtin.alias.bin'

declare -A old_sums new_sums

# sums FOLDER ARRAY: the check sum of each index there, by its name; one program for all, since this is done hundreds of times
sums() {
    local -n array=$2
    local sum index
    array=()
    while read -r sum index; do array[${index#modules.}]=$sum; done < <(cd "$1" && sha256sum $(printf 'modules.%s ' $indexes) 2> /dev/null)
}
keep() {
    rm -rf "$WORK/$1" && mkdir "$WORK/$1"
    cp $(printf "$folder/modules.%s " $indexes) "$WORK/$1/"
    sums "$WORK/$1" "$1_sums"
}
restore() { rm -f "$folder"/modules.*.*.*.* && cp "$WORK/old"/* "$folder/"; }

# expect_whole WHAT: each index is the old or the new one; counts them in $old and $new (files equal in both count as both)
expect_whole() {
    local index
    local -A found
    sums "$folder" found
    old=0 new=0
    for index in $indexes; do
        if [[ ${found[$index]-missing} == "${old_sums[$index]}" ]]; then old=$((old + 1)); fi
        if [[ ${found[$index]-missing} == "${new_sums[$index]}" ]]; then new=$((new + 1)); continue; fi
        [[ ${found[$index]-missing} == "${old_sums[$index]}" ]] || { echo "$1: modules.$index is neither the old nor the new one"; return 1; }
    done
    # What there is serves modprobe.
    run modprobe -D after
    same "modprobe $1" "insmod /lib/modules/$release/kernel/after.ko " "$out"
}

expect_old() { expect_whole "$1"; same "old indexes $1" 11 "$old"; }

temporary_files() { find "$folder" -name 'modules.*.*.*.*' | wc -l; }

test_killed_at_every_step() {
    changed_root
    local step renames=0
    for ((step = 1; ; ++step)); do
        run WATCH_KILL=$step depmod
        [[ $status != 0 ]] || break
        same "status when killed at step $step" 137 "$status"
        if [[ $renames == 0 ]] && ! grep -q '^renameat' <<< "$log"; then
            expect_old "when killed at step $step"
        else
            renames=$((renames + 1))
            expect_whole "when killed at step $step"
        fi
        restore
    done
    # 11 files that are made, written and renamed.
    same 'steps of a run' 33 $((step - 1))
    same 'renames of a run' 11 "$renames"
    expect_whole 'of the run that was not killed'
    same 'new indexes' 11 "$new"
}

test_killed_at_any_time() {
    changed_root
    local round delay killed=0
    for ((round = 0; round < 30; ++round)); do
        delay=0.$(printf '%04d' $((round * 6 + 1)))
        run timeout -s KILL $delay "$tools/depmod"
        [[ $status == 0 ]] || killed=$((killed + 1))
        expect_whole "when killed after $delay s"
        restore
    done
    [[ $killed -gt 0 ]]
    run depmod
    expect_whole 'after all of that'
    same 'new indexes' 11 "$new"
}

# expect_refused CALL ERRNO WORDS: that call fails, whichever of its 11 times it is
expect_refused() {
    local number
    for ((number = 1; number <= 11; ++number)); do
        run WATCH_FAIL=$1:$number:$2 depmod
        same "status when $1 $number fails" 1 "$status"
        [[ $err =~ ^depmod:\ ERROR:\ Could\ not\ (write|create)\ index\ \'modules\.[a-z.]+\':\ $3$ ]]
        same "temporary files when $1 $number fails" 0 "$(temporary_files)"
        "$4" "when $1 $number fails"
        restore
    done
    run WATCH_FAIL=$1:12:$2 depmod
    same "status when no $1 fails" 0 "$status"
}

test_full_disk_at_every_write() { changed_root; expect_refused write 28 'No space left on device' expect_old; }
test_full_disk_at_every_file() { changed_root; expect_refused openat 28 'No space left on device' expect_old; }
test_full_quota_at_every_write() { changed_root; expect_refused write 122 'Disk quota exceeded' expect_old; }
test_full_disk_that_shows_late() { changed_root; expect_refused close 28 'No space left on device' expect_old; }
test_bad_disk_at_every_rename() { changed_root; expect_refused renameat 5 'Input/output error' expect_whole; }

# The kernel itself writes a part of a file and refuses the rest.
test_limit_of_the_file_size() {
    changed_root
    local number
    for ((number = 0; number < 100; ++number)); do cp "$modules/after.ko" "$folder/kernel/one_more_module_$number.ko"; done
    (trap '' XFSZ; ulimit -f 1; fake depmod 2>&1 || echo "status $?") > "$WORK/said"
    same 'what it says' "depmod: ERROR: Could not write index 'modules.dep': File too large
status 1" "$(cat "$WORK/said")"
    same 'temporary files' 0 "$(temporary_files)"
    expect_old 'when files are limited'
}

test_two_at_once() {
    changed_root
    local round
    for ((round = 0; round < 10; ++round)); do
        (fake depmod) & (fake depmod) & (fake depmod) & wait
        expect_whole 'after three at once'
        same 'new indexes' 11 "$new"
        same 'temporary files' 0 "$(temporary_files)"
        restore
    done
}

test_the_output_cannot_be_made() {
    changed_root
    echo 'a file' > "$root/taken"
    run depmod -o /taken
    same status 1 "$status"
    contains 'standard error' "$err" "depmod: FATAL: could not open directory /taken/lib/modules/$release: Not a directory"
    expect_old 'when the output folder is a file'
}
