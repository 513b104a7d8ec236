# Compressed modules, .ko.gz above all, as Debian's kmod cannot read them: what is in them is what is in the plain file, and damaged
# ones are reported while the rest is processed.

plain_module() { printf '%s\n' "$folder/kernel"/{after,before,loop-a,loop-b,low,mid,node,several,top,two-words}.ko; }

# pack FORMAT FILE OUTPUT
pack() {
    case $1 in
    gz)       gzip -c "$2" > "$3" ;;
    parts.gz) { head -c 500 "$2" | gzip -c9; tail -c +501 "$2" | head -c 100 | gzip -c1; tail -c +601 "$2" | gzip -c; } > "$3" ;;
    named.gz) gzip -cN "$2" > "$3" ;;
    xz)       xz -c --check=crc32 "$2" > "$3" ;;
    parts.xz) { head -c 500 "$2" | xz -c; tail -c +501 "$2" | xz -c --check=sha256; } > "$3" ;;
    zst)      zstd -qc19 "$2" > "$3" ;;
    parts.zst) { head -c 500 "$2" | zstd -qc; tail -c +501 "$2" | zstd -qc --no-content-size; } > "$3" ;;
    esac
}

formats='gz parts.gz named.gz xz parts.xz zst parts.zst'

# A root with plain modules; packed_root packs them all in one format.
plain_root() {
    new_root builtin
    rm "$folder/kernel"/*.ko.*
    : > "$folder/modules.order"
}
packed_root() {
    plain_root
    local file
    for file in $(plain_module); do pack "$1" "$file" "$file.${1##*.}"; done
    rm "$folder/kernel"/*.ko
}

# The same without the names of the compression.
unpacked_names() { sed -E 's/\.ko\.(gz|xz|zst)/.ko/g' <<< "$1"; }

# expect_like_plain WHAT PROGRAM ARGUMENT...: in every format it says what it says of plain files
remember() { run "$@"; same "status of $*" 0 "$status"; plain[$*]=$out; }
expect_like_plain() { run "$@"; same "$* with $format" "${plain[$*]}" "$(unpacked_names "$out")"; same "errors of $* with $format" '' "$err"; }

test_every_format_says_what_the_plain_file_says() {
    local -A plain=()
    local format commands=('depmod -n' 'modprobe -D -a top mid two-words loop-a' 'modinfo top mid low node several two-words'
        'modinfo -0 -F alias top mid node' 'modinfo -p top' 'modprobe -R fake:top-b7' 'modprobe --why top' 'depmod -n -e -F /System.map')
    plain_root
    echo 'ffff R __ksymtab_kernel_call' > "$root/System.map"
    run depmod
    for command in "${commands[@]}"; do remember $command; done
    for format in $formats; do
        packed_root $format
        echo 'ffff R __ksymtab_kernel_call' > "$root/System.map"
        run depmod
        same "errors of depmod with $format" '' "$err"
        for command in "${commands[@]}"; do expect_like_plain $command; done
    done
}

test_the_kernel_gets_the_plain_file() {
    local format expected
    plain_root
    run insmod "$folder/kernel/top.ko" size=1
    expected=$(grep '^init_module' <<< "$log")
    contains 'what insmod calls' "$expected" "init_module $(stat -c %s "$folder/kernel/top.ko") bytes"
    for format in $formats; do
        packed_root $format
        run insmod "$folder/kernel/top.ko.${format##*.}" size=1
        same "what insmod loads of $format" "$expected" "$(grep '^init_module' <<< "$log")"
        rm -r "$root/sys/module/top"
        run depmod
        run modprobe -i top size=1
        contains "what modprobe loads of $format" "$log" "$expected"
    done
}

test_gzip_agrees_with_the_installed_kmod_on_the_plain_file() {
    packed_root gz
    local file name
    for file in "$folder/kernel"/*.ko.gz; do
        name=$(basename "${file%.gz}")
        gzip -dc "$file" > "$root/$name"
        run modinfo "$file"
        same "modinfo of $name" "$(cd "$root" && "$stock/modinfo" "$root/$name" | tail -n +2)" "$(tail -n +2 <<< "$out")"
    done
}

# damaged NAME FORMAT: the module top, made worse in one way
damaged() {
    local file=$folder/kernel/top.ko.$2 size
    size=$(stat -c %s "$file")
    case $1 in
    half)     truncate -s $((size / 2)) "$file" ;;
    end)      truncate -s $((size - 1)) "$file" ;;
    header)   truncate -s 12 "$file" ;;
    spoilt)   printf '\377\0\377\0\377\0\377' | dd of="$file" bs=1 seek=$((size / 2)) conv=notrunc status=none ;;
    followed) echo 'something else' >> "$file" ;;
    esac
}

test_damage_is_reported_and_the_rest_is_processed() {
    local format kind library
    for format in gz xz zst; do
        library=${format/gz/gzip} library=${library/zst/zstd}
        for kind in half end header spoilt followed; do
            packed_root $format
            damaged $kind $format
            run depmod
            same "status of depmod, $kind $format" 0 "$status"
            same "number of messages, $kind $format" 2 "$(wc -l <<< "$err")"
            contains "depmod, $kind $format" "$err" "depmod: ERROR: $library: "
            contains "depmod, $kind $format" "$err" "depmod: ERROR: failed to load symbols from /lib/modules/$release/kernel/top.ko.$format: Invalid argument"
            contains "modules.dep, $kind $format" "$(cat "$folder/modules.dep")" "kernel/mid.ko.$format: kernel/low.ko.$format"
            run modinfo low top mid
            same "status of modinfo, $kind $format" 1 "$status"
            contains "modinfo, $kind $format" "$out" 'The lowest one'
            contains "modinfo, $kind $format" "$out" 'fake:mid*'
            contains "modinfo, $kind $format" "$err" "modinfo: ERROR: could not get modinfo from 'top': Invalid argument"
            run insmod "$folder/kernel/top.ko.$format"
            same "status of insmod, $kind $format" 1 "$status"
            contains "insmod, $kind $format" "$err" "insmod: ERROR: $library: "
            same "loads of insmod, $kind $format" '' "$(grep '^init_module' <<< "$log" || true)"
            run modprobe -a top mid
            same "status of modprobe, $kind $format" 1 "$status"
            contains "modprobe, $kind $format" "$err" "modprobe: ERROR: could not insert 'top'"
            [[ -d $root/sys/module/mid ]]
        done
    done
}

test_a_file_that_unpacks_to_more_than_memory_is_refused() {
    plain_root
    local part=$WORK/zeros.gz count
    head -c 67108864 /dev/zero | gzip -c1 > "$part"
    for ((count = 0; count < 17; ++count)); do cat "$part"; done > "$folder/kernel/huge.ko.gz"
    run depmod -n
    contains depmod "$err" "depmod: ERROR: failed to load symbols from /lib/modules/$release/kernel/huge.ko.gz: File too large"
    contains depmod "$out" 'kernel/mid.ko: kernel/low.ko'
}

test_a_name_is_no_proof_of_a_format() {
    plain_root
    mv "$folder/kernel/top.ko" "$folder/kernel/top.ko.gz"
    gzip -c "$folder/kernel/low.ko" > "$folder/kernel/low"
    mv "$folder/kernel/low" "$folder/kernel/low.ko"
    run depmod -n
    same 'standard error' '' "$err"
    contains depmod "$out" 'kernel/top.ko.gz: kernel/mid.ko kernel/low.ko'
}
