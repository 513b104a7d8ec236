# How the tools call the system, so that fake roots and wrapped system calls work: absolute paths by open, fopen, stat, opendir, mkdir and
# remove alone, what is below a folder by *at() on it, the release by uname(), modules by finit_module, init_module and delete_module.

# Every way to libc by which a path could go, and that none of the tools may have.
other_ways='access faccessat2 euidaccess creat creat64 fopen64 freopen freopen64 lstat statx __xstat __lxstat __fxstatat rename renameat2
    unlink rmdir link symlink readlink realpath canonicalize_file_name chdir fchdir chroot chmod chown lchown utime utimes truncate mknod
    mkfifo mkstemp mkostemp mkdtemp tmpfile tempnam scandir ftw nftw fts_open glob getxattr execl execv execve execvp popen
    name_to_handle_at open_by_handle_at statfs statvfs memfd_create gethostname sysctl __open_2 __openat_2'

test_no_other_way_is_linked_in() {
    local tool imports
    for tool in $all_tools; do
        same "the program that $tool is" kmod "$(readlink "$tools/$tool")"
    done
    imports=$(nm -D --undefined-only "$tools/kmod" | awk '{ sub(/@.*/, "", $2); print $2 }' | sort)
    [[ $(grep -cx -e open -e uname -e openlog -e fopen -e openat <<< "$imports") -ge 3 ]]
    same "calls that a fake root does not know" '' "$(comm -12 <(echo "$imports") <(printf '%s\n' $other_ways | sort))"
    same "system calls that are made without libc" '' "$(objdump -d --no-show-raw-insn "$tools/kmod" | grep -P '\t(syscall|sysenter|svc|int +\$0x80)\s*$' || true)"
}

# expect_known_ways: what the run just made asked of libc
expect_known_ways() {
    same "absolute paths by *at() in $*" '' "$(grep -E '^[a-z]+at (cwd|folder /)' <<< "$log" || true)"
    same "system calls in $*" '' "$(grep -E '^syscall [0-9]' <<< "$log" || true)"
    same "paths that are not absolute in $*" '' "$(grep -E '^(open|fopen|stat|opendir|mkdir|remove) [^/]' <<< "$log" || true)"
}

test_every_tool_takes_the_known_ways() {
    new_root loaded builtin config
    local command
    mkdir -p "$root/etc/depmod.d" "$root/out" && echo 'search updates built-in' > "$root/etc/depmod.d/a.conf"
    mkdir "$root/elsewhere" && cp "$folder/kernel/low.ko" "$root/elsewhere/outside.ko"
    echo "external * /elsewhere" > "$root/external.conf"
    echo 'ffff R __ksymtab_low_call' > "$root/System.map"
    while read -r command; do
        run $command
        same "status of $command" 0 "$status"
        [[ -n $log ]]
        expect_known_ways "$command"
    done <<- END
	depmod
	depmod -A
	depmod -e -F /System.map
	depmod -o /out/deep/deeper
	depmod -n $release $folder/kernel/low.ko
	depmod -C /external.conf
	modinfo low small tight inside-kernel
	modinfo $folder/kernel/low.ko
	modinfo -k $release -b $root low
	modprobe -D top
	modprobe -c
	modprobe -R fake:mid1
	modprobe --why top
	modprobe -n -v top
	modprobe --show-exports $folder/kernel/low.ko
	modprobe before
	modprobe -r before
	modprobe -r --remove-holders top
	insmod $folder/kernel/after.ko
	rmmod after
	lsmod
	lsmod --graph=/out/graph.dot
	END
}

test_the_release_comes_from_uname() {
    new_root
    local command
    mv "$root/lib/modules/$release" "$root/lib/modules/7.7.7-other"
    for command in 'modprobe -D low' 'modinfo -n low' 'depmod -n'; do
        run FAKE_RELEASE=7.7.7-other $command
        same "status of $command" 0 "$status"
        contains "calls of $command" "$log" uname
        contains "paths of $command" "$log" 'open /lib/modules/7.7.7-other'
    done
}

loads() { grep -E '^(syscall finit_module|init_module|delete_module)' <<< "$log" | sed 's/ [0-9]* bytes.*//' || true; }

test_a_kernel_without_finit_module_gets_init_module() {
    new_root
    local command
    for command in "insmod $folder/kernel/low.ko" 'modprobe -i after'; do
        run $command
        same "status of $command" 0 "$status"
        same "loads of $command" $'syscall finit_module\ninit_module' "$(loads)"
    done
}

test_another_error_of_finit_module_is_final() {
    new_root
    local command
    for command in "insmod $folder/kernel/low.ko" 'modprobe -i --first-time after'; do
        run WATCH_FAIL=finit_module:1:1 $command
        same "status of $command" 1 "$status"
        same "loads of $command" 'syscall finit_module' "$(loads)"
        contains "message of $command" "$err" 'Operation not permitted'
    done
}

test_the_kernel_unpacks_what_it_says_it_can() {
    new_root
    echo zstd > "$root/sys/module/compression"
    run insmod "$folder/kernel/small.ko.zst"
    same 'what the kernel knows' $'syscall finit_module\ninit_module' "$(loads)"
    run insmod "$folder/kernel/tight.ko.xz"
    same 'what it does not know' 'init_module' "$(loads)"
}

test_delete_module_removes() {
    new_root loaded
    run rmmod top
    same 'calls of rmmod' 'delete_module top' "$(loads)"
    new_root loaded
    run modprobe -r -i top
    contains 'calls of modprobe' "$(loads)" 'delete_module top'
}

# A file that somebody put in the way, or a link, is not written to.
test_depmod_creates_files_that_are_new() {
    new_root
    run depmod
    same status 0 "$status"
    [[ $(grep -c '^openat(create, new) folder modules\.' <<< "$log") -ge 8 ]]
    same 'files that could be old ones' '' "$(grep -F 'openat(create) ' <<< "$log" || true)"
}
