# Modules of machines that nobody here runs: every width and byte order, and what single machines have of their own. kmod and our tools
# must find the same in them. `make differential-machines` does the same with the modules of Debian's kernels.

# answers: what the tools in $tools make of the modules in the fake root
answers() {
    local file
    rm -f "$folder"/modules.{dep,alias,symbols,softdep,devname}*
    run depmod -e -E /symvers
    grep -v 'could not open modules\.' <<< "$err" || true
    for file in dep dep.bin alias alias.bin symbols symbols.bin softdep; do
        echo "modules.$file:" && od -An -c "$folder/modules.$file"
    done
    for file in provider user; do
        run modinfo "$folder/kernel/$file.ko"
        echo "$out$err"
        run modprobe --show-modversions "$folder/kernel/$file.ko"
        echo "$out"
    done
}

# expect_as_kmod MACHINE CLASS ORDER
expect_as_kmod() {
    local ours theirs
    new_root
    rm -f "$folder/kernel"/*
    "$PRELOADS/foreign_modules" "$@" "$folder/kernel"
    printf '0x00000021\tkernel_call\tvmlinux\tEXPORT_SYMBOL\n' > "$root/symvers"
    ours=$(answers)
    theirs=$(tools=$stock answers)
    same "machine $*" "$theirs" "$ours"
    contains "machine $*" "$ours" 'kernel/user.ko needs unknown symbol .nobody_has_this'
    contains "machine $*" "$(< "$folder/modules.dep")" 'kernel/user.ko: kernel/provider.ko'
}

test_32_bits_little_endian()      { expect_as_kmod 40 32 little; }
test_32_bits_big_endian()         { expect_as_kmod 20 32 big; }
test_64_bits_little_endian()      { expect_as_kmod 21 64 little; }
test_64_bits_big_endian()         { expect_as_kmod 22 64 big; }
test_mips()                       { expect_as_kmod 8 64 little; }
test_registers_that_are_symbols() { expect_as_kmod 43 64 big; expect_as_kmod 2 32 big; }
