# What depmod does for crafted modules is linear in their size: four times as many of a kind cost about four times the instructions, as
# valgrind counts them, and not the sixteen times of a walk through all for each.

# instructions KIND COUNT: counts those of depmod with COUNT of the kind into $counted
instructions() {
    new_root
    rm -f "$folder/kernel"/*
    "$PRELOADS/crafted_modules" "$1" "$2" "$folder/kernel"
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$tools/depmod" -b "$root" ${symbols[@]+"${symbols[@]}"} $release \
        > /dev/null 2> "$WORK/counts" || [[ $1 == ring || $1 == pairs ]]
    counted=$(sed -n 's/.*Collected : //p' "$WORK/counts")
    same 'files that were not read' '' "$(grep 'failed to load' "$WORK/counts" || true)"
}

symbols=()

# expect_linear KIND COUNT
expect_linear() {
    local one
    instructions "$1" "$2" && one=$counted
    instructions "$1" $((4 * $2))
    (( counted < 6 * one )) || { echo "$2 $1: $one instructions, $((4 * $2)): $counted"; return 1; }
}

test_sections_of_one_long_name()        { expect_linear sections 2000; }
test_exports_that_collide()             { expect_linear exports 4000; }
test_needs_that_collide()               { expect_linear needs 4000; }
test_equal_aliases_of_two_modules()     { expect_linear aliases 2000; }
test_aliases_that_are_prefixes()        { expect_linear prefixes 1000; }
test_modules_that_need_each_other()     { expect_linear ring 200; }
test_pairs_that_need_each_other()       { expect_linear pairs 200; }

test_versions_in_another_order_than_symbols() {
    echo '0x1 need1 vmlinux EXPORT_SYMBOL' > "$WORK/symvers"
    symbols=(-E "$WORK/symvers")
    expect_linear versions 1000
}

# The names of a module are kept, and as many as a quarter of a gigabyte holds: many symbols that share one long name are more.
test_symbols_that_share_a_long_name() {
    new_root
    rm -f "$folder/kernel"/*
    "$PRELOADS/crafted_modules" shared 170000 "$folder/kernel"
    ulimit -v 2000000
    run depmod
    same status 0 "$status"
    same messages "depmod: ERROR: failed to load symbols from /lib/modules/$release/kernel/crafted.ko: File too large" "$(grep crafted <<< "$err")"
}
