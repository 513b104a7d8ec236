# -s: messages go to the system log, with kmod's identity, facility and priority, and no longer to standard error.

sent() { grep '^syslog' <<< "$log" || true; }

# The same from the installed kmod.
like_kmod() {
    run "$@"
    local ours=$(sent) our_status=$status our_err=$err our_out=$out
    tools=$stock run "$@"
    same "what $* logs" "$(sent)" "$ours"
    same "the output of $*" "$out" "$our_out"
    same "the status of $*" "$status" "$our_status"
    same "standard error of $*" '' "$our_err"
    contains "what $* logs" "$ours" "syslog $1 options 2 facility 3 priority "
}

test_messages_are_those_of_kmod() {
    new_root loaded
    like_kmod modprobe -s nosuch
    like_kmod modprobe --syslog -D nosuch
    like_kmod modprobe -s -r nosuch
    like_kmod modprobe -s -r low
    like_kmod modprobe -s
    like_kmod rmmod -s nosuch low-not-there
    like_kmod rmmod --syslog busy
}

test_insmod_and_lsmod_log_too() {
    new_root
    run insmod -s /nowhere.ko
    same log 'syslog insmod options 2 facility 3 priority 3 ERROR: could not load module /nowhere.ko: No such file or directory' "$(sent)"
    same 'standard error' '' "$err"
    rm "$root/proc/modules"
    run lsmod -s
    contains log "$(sent)" 'syslog lsmod options 2 facility 3 priority 3 ERROR: '
    same 'standard error' '' "$err"
    same status 1 "$status"
}

test_a_warning_is_logged_as_one() {
    new_root
    like_kmod modprobe -s -a nosuch before
    contains log "$(sent)" 'priority 4 WARNING: '
}

test_what_is_done_stays_on_standard_output() {
    new_root
    run modprobe -s -v before
    same output "insmod /lib/modules/$release/kernel/before.ko " "$out"
    same log '' "$(sent)"
}

test_without_the_option_nothing_is_logged() {
    new_root loaded
    local command
    for command in 'modprobe nosuch' 'rmmod nosuch' 'insmod /nowhere.ko' 'modinfo nosuch' 'depmod nosuch'; do
        run $command
        same "log of $command" '' "$(sent)"
        contains "standard error of $command" "$err" ': '
    done
}
