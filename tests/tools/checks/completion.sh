# Bash completion: what is offered after some words, and readline's own use of it.

# A root with a shell in it, so that the shell reads the root's files.
shell_root() {
    new_root loaded
    printf '%s 1 0 - Live 0x0\n' top mid low > "$root/proc/modules"
    mkdir -p "$root/bin" "$root/other/lib/modules/5.5.5" "$root/lib/modules/6.6.6"
    echo 'kernel/elsewhere.ko.zst: kernel/low.ko' > "$root/other/lib/modules/5.5.5/modules.dep"
    cp "$here/../../docs/completion/tenon-modules" "$here/checks/complete-line" "$root/"
    local program
    for program in bash sed sort uname; do ln -s "$(type -P $program)" "$root/bin/"; done
    ln -s "$tools"/* "$root/bin/"
}

# offers 'WORDS' EXPECTED...: what Tab offers after the words, the last of which is being typed and may be ''
offers() {
    local words
    eval "words=($1)"
    run PATH="$root/bin" bash "$root/complete-line" "$root/tenon-modules" "${words[@]}"
    shift
    same "what ${words[*]} offers" "$( (($# == 0)) || printf '%s\n' "$@" | LC_ALL=C sort)" "$out"
    same "messages after ${words[*]}" '' "$err"
}

test_options_are_those_of_the_help_and_the_manual() {
    shell_root
    local tool help offered option
    for tool in $all_tools modlink; do
        run "$tool" --help
        help=$(sed -nE 's/^\s+(-., )?\s*(--[a-z0-9-]+).*/\2/p' <<< "$out" | LC_ALL=C sort)
        [[ $(wc -l <<< "$help") -ge 5 ]]
        run PATH="$root/bin" bash "$root/complete-line" "$root/tenon-modules" "$tool" --
        offered=$out
        same "options of $tool that are not offered" '' "$(LC_ALL=C comm -23 <(echo "$help") <(echo "$offered"))"
        for option in $offered; do
            grep -q -- "\*$option\*" "$here/../../docs/man/$tool."[18].scd || { echo "$tool $option is in no manual"; return 1; }
        done
    done
    offers 'modprobe --show-e' --show-exports
    offers 'insmod --force-' --force-modversion --force-vermagic
}

all_modules='after before loop-a loop-b low mid node several small tight top two-words'

test_module_names() {
    shell_root
    offers "modprobe ''" $all_modules
    offers 'modprobe t' tight top two-words
    offers 'modprobe -a top lo' loop-a loop-b low
    offers 'modprobe --why top sm' small
    offers 'modinfo b' before
    offers 'modinfo -p top m' mid
    offers 'modinfo no-such'
}

test_commands_of_kmod() {
    shell_root
    offers "kmod st" static-nodes
    offers "kmod lsm" lsmod
    offers "kmod modprobe -a top sm" small
    offers "kmod modinfo b" before
    offers "kmod static-nodes --fo" --format
    offers "kmod static-nodes --format = t" tmpfiles
    offers "kmod list ''"
}

test_names_of_another_release_or_folder() {
    shell_root
    offers "modprobe -d $root/other -S 5.5.5 ''" elsewhere
    offers "modprobe --dirname = $root/other --set-version = 5.5.5 e" elsewhere
    offers "modinfo -b $root/other -k 5.5.5 ''" elsewhere
    offers "modprobe -S 9.9.9 ''"
    offers "modprobe -S ''" 4.4.4 6.6.6
    offers "modprobe -d $root/other --set-version =" 5.5.5
    offers "modinfo -k 6" 6.6.6
    offers "depmod ''" 4.4.4 6.6.6
    offers "depmod -b $root/other ''" 5.5.5
    offers "depmod --basedir = $root/other 4"
}

test_loaded_modules() {
    shell_root
    offers "rmmod ''" low mid top
    offers 'rmmod -f top m' mid
    offers "modprobe -r ''" low mid top
    offers 'modprobe --remove t' top
    offers 'modprobe -rv t' top
    offers 'modprobe -a -r lo' low
}

test_parameters() {
    shell_root
    offers "modprobe top ''" mode= size=
    offers 'modprobe top si' size=
    offers 'modprobe top size = 3 m' mode=
    offers 'modprobe -C /x -w 20 top m' mode=
    offers 'modprobe top size = m'
    offers 'modprobe top size ='
    offers "insmod $folder/kernel/top.ko s" size=
    offers "insmod -f $folder/kernel/top.ko mode = a s" size=
    offers "modprobe low ''"
}

test_values_of_options() {
    shell_root
    offers 'modinfo -F sig_' sig_hashalgo sig_id sig_key
    offers 'modinfo --field = lic' license
    offers 'modprobe -w 1'
    offers 'depmod -P ''x'''
    offers "depmod -F $root/tenon" "$root/tenon-modules"
    offers "depmod -o $root/lib/mod" "$root/lib/modules"
    offers "lsmod --graph = $root/tenon" "$root/tenon-modules"
}

test_module_files() {
    shell_root
    touch "$folder/kernel/topic.txt"
    offers "insmod $folder/kernel/to" "$folder/kernel/top.ko"
    offers "modinfo $folder/kernel/t" "$folder/kernel/tight.ko.xz" "$folder/kernel/top.ko" "$folder/kernel/two-words.ko"
    offers "modprobe --show-exports $folder/kernel/sm" "$folder/kernel/small.ko.zst"
    offers "modprobe $folder/kern" "$folder/kernel"
}

# types LINE...: an interactive shell gets these lines, with Tab as ~; leaves in $typed the words that each command was given
types() {
    {
        echo ". $root/tenon-modules"
        echo 'for tool in insmod rmmod lsmod modprobe depmod; do eval "$tool() { printf \"<%s>\" $tool \"\$@\"; echo; }"; done'
        printf '%s\n' "$@" exit | tr '~' '\t'
    } > "$WORK/keys"
    export -f fake
    export tools preload root release
    # script(1) runs its command by SHELL, and only bash knows functions of its parent.
    SHELL=$BASH script -qefc "fake PATH=$root/bin TERM=dumb INPUTRC=/none HISTFILE= bash --noprofile --norc -i" /dev/null < "$WORK/keys" > "$WORK/screen"
    typed=$(tr -d '\r' < "$WORK/screen" | grep '^<')
}

test_readline_uses_it() {
    shell_root
    types 'modprobe --show-d~to~si~3' 'rmmod mi~' "depmod --outd~$root/oth~" 'lsmod --js~' 'modprobe -S 6~ --dry~' \
        "insmod $folder/kernel/sma~x=1"
    same 'what was typed' "<modprobe><--show-depends><top><size=3>
<rmmod><mid>
<depmod><--outdir><$root/other/>
<lsmod><--json>
<modprobe><-S><6.6.6><--dry-run>
<insmod><$folder/kernel/small.ko.zst><x=1>" "$typed"
}
