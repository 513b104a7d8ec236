# `make install`: what lies where, whether it runs from there, how it is linked, and what its build asks of the machine.

top=$(realpath "$here/../..")
installed=$WORK/installed

# install_all [VARIABLE=VALUE...]: into $installed and nothing else; without variables what the first test put there serves the others.
install_all() {
    [[ $# != 0 || $(cat "$WORK/variables" 2> /dev/null) != default ]] || return 0
    rm -rf "$installed"
    MAKEFLAGS= make -s -C "$top" install install-debug DESTDIR="$installed" "$@"
    echo "${*:-default}" > "$WORK/variables"
}

files_below() { (cd "$1" && find . ! -type d | sed 's,^\./,,' | LC_ALL=C sort); }

test_each_file_lies_in_its_folder() {
    install_all PREFIX=/opt/p BINDIR=/a SBINDIR=/b/sbin LIBDIR=/l MANDIR=/m INCLUDEDIR=/i COMPLETIONDIR=/c
    local tool
    same 'installed files' "$({
        echo a/kmod; echo a/lsmod
        printf 'b/sbin/%s\n' $all_tools
        printf 'c/%s\n' kmod $all_tools
        echo i/libkmod.h
        printf 'l/%s\n' libkmod.so libkmod.so.2 pkgconfig/libkmod.pc
        echo opt/p/share/pkgconfig/kmod.pc
        (cd "$top/docs/man" && printf '%s\n' *.scd) | sed '/^modlink/d; s/\.scd$//; s,.*\.\([0-9]\),m/man\1/&,'
    } | LC_ALL=C sort)" "$(files_below "$installed" | grep -v '^opt/p/lib/debug/')"
    for tool in $all_tools; do
        same "what $tool is" "kmod version 34" "$("$installed/b/sbin/$tool" --version | head -n 1)"
        contains "the help of $tool" "$("$installed/b/sbin/$tool" --help 2>&1)" "$tool"
    done
    same 'links that leave the folder' '' "$(find "$installed" -type l -lname '/*')"
    # mandb and man read a page by what it says of itself.
    [[ $(head -n 20 "$installed/m/man8/depmod.8") == *'.TH "depmod" "8"'* ]]
}

test_programs_are_built_with_the_installed_library() {
    install_all PREFIX=/opt/p LIBDIR=/opt/p/lib
    export PKG_CONFIG_LIBDIR=$installed/opt/p/lib/pkgconfig:$installed/opt/p/share/pkgconfig
    gcc $(PKG_CONFIG_SYSROOT_DIR=$installed pkg-config --cflags libkmod) "$calls_of_libkmod"/*.c -I"$top" -o "$WORK/client" \
        $(PKG_CONFIG_SYSROOT_DIR=$installed pkg-config --libs libkmod)
    echo null | FORK=yes LD_LIBRARY_PATH=$installed/opt/p/lib "$WORK/client" - - > /dev/null
    same 'version of libkmod' 34 "$(pkg-config --modversion libkmod)"
    same 'folder of modules' /lib/modules "$(pkg-config --variable=module_directory kmod)"
    same 'compressions' 'zstd xz gzip' "$(pkg-config --variable=module_compressions kmod)"
    same prefix /opt/p "$(sed -n 's/^prefix=//p' "$installed/opt/p/share/pkgconfig/kmod.pc")"
}
calls_of_libkmod=$here/libkmod

# hardened FILE FUNCTION...: position independent, nothing writable that the loader fills in, no stack that runs, calls that check
hardened() {
    local file=$1 dynamic segments symbols function; shift
    dynamic=$(readelf -dW "$file") segments=$(readelf -lW "$file") symbols=$(nm -D --undefined-only "$file" | sed 's/@.*//; s/.* //')
    contains "header of $file" "$(readelf -hW "$file")" 'DYN '
    contains "flags of $file" "$dynamic" BIND_NOW
    contains "segments of $file" "$segments" GNU_RELRO
    same "the stack of $file" RW "$(awk '$1 == "GNU_STACK" { print $(NF - 1) }' <<< "$segments")"
    same "what $file has and should not" '' "$(grep -e TEXTREL -e RPATH -e RUNPATH <<< "$dynamic" || true)"
    same "sections left in $file" '' "$(readelf -SW "$file" | grep -e '\.debug_' -e '\.symtab' || true)"
    for function; do contains "functions that $file calls" "$(xargs <<< "$symbols")" "$function"; done
}

test_programs_are_hardened_and_small() {
    install_all
    local kmod=$installed/usr/bin/kmod library
    library=$(find "$installed" -name libkmod.so.2)
    hardened "$kmod" __stack_chk_fail _chk
    contains 'flags of kmod' "$(readelf -dW "$kmod")" PIE
    hardened "$library" __stack_chk_fail _chk
    same 'libraries that kmod loads' 'libc.so.6 liblzma.so.5 libz.so.1 libzstd.so.1' \
        "$(objdump -p "$kmod" | awk '$1 == "NEEDED" && $2 !~ /^ld-/ { print $2 }' | LC_ALL=C sort | xargs)"
    [[ $(stat -c %s "$kmod") -le 600000 ]] || { echo "kmod has $(stat -c %s "$kmod") bytes"; return 1; }
}

# The installed program beside the one that all other tests run.
test_the_installed_program_does_what_the_tested_one_does() {
    install_all
    new_root builtin config
    run depmod
    local expected
    expected=$(cd "$folder" && sha256sum modules.*)
    rm "$folder"/modules.{dep,alias,symbols,softdep}*
    tools=$installed/usr/sbin run depmod
    same 'indexes' "$expected" "$(cd "$folder" && sha256sum modules.*)"
    run modprobe -D top
    expected=$out
    tools=$installed/usr/sbin run modprobe -D top
    same 'modprobe -D' "$expected" "$out"
}

test_debug_files_belong_to_what_is_installed() {
    install_all
    local file id debug
    for file in "$installed/usr/bin/kmod" "$(find "$installed/usr/lib" -name libkmod.so.2)"; do
        id=$(readelf -nW "$file" | awk '$1 == "Build" { print $3 }')
        debug=$installed/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug
        contains "sections of $debug" "$(readelf -SW "$debug")" .debug_info
        contains "build-id of $debug" "$(readelf -nW "$debug")" "$id"
    done
}

# A dry run in a folder without anything: a compiler and headers are all that the build takes, and flags of the user reach each command.
test_the_build_takes_a_compiler_and_the_flags_of_the_user() {
    local commands compilations
    commands=$(MAKEFLAGS= make -n V=1 -C "$top" install B="$WORK/nothing" DESTDIR="$installed" CPPFLAGS=-DPRE CXXFLAGS=-DCXX LDFLAGS=-Wl,--mark)
    rm -rf "$WORK/nothing"
    same 'packages and compilers of other machines' '' "$(grep -e fetch-packages -e host-packages -e apt-get -e aarch64-linux-gnu-g <<< "$commands" || true)"
    compilations=$(grep -e ' -c ' <<< "$commands")
    [[ $(wc -l <<< "$compilations") -ge 10 ]]
    same 'compilations without flags' '' "$(grep -v -e '-DPRE.*-DCXX' <<< "$compilations" || true)"
    same 'compilations that end at a warning' '' "$(grep -e -Werror <<< "$compilations" || true)"
    same 'programs and libraries linked with flags' 2 "$(grep -c -e '-Wl,--mark' <<< "$commands")"
}
