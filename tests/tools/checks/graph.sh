# lsmod --graph: DOT, and SVG by Graphviz' dot.

# 60 modules, number N used by all whose number it divides.
many_modules() {
    new_root
    local module user users
    for ((module = 1; module <= 60; ++module)); do
        users=
        for ((user = module * 2; user <= 60; user += module)); do users+="module_$user,"; done
        echo "module_$module 4096 0 ${users:--} Live 0x0"
    done > "$root/proc/modules"
    awk '{ count = split($4, users, ","); for (i = 1; i <= count; ++i) if (users[i] ~ /m/) print users[i] " " $1 }' \
        "$root/proc/modules" | sort > "$WORK/edges"
    [[ $(wc -l < "$WORK/edges") == 201 ]]
}

# A dot that the wrapped libc does not lead to the fake root.
real_dot() {
    mkdir -p "$root/bin"
    printf '#!/bin/sh\nunset LD_PRELOAD\nexec %s "$@"\n' "$(type -P dot)" > "$root/bin/dot"
    chmod +x "$root/bin/dot"
}

titles() { xmllint --xpath "//*[local-name()='g'][@class='$1']/*[local-name()='title']/text()" "$root/graph.svg"; }

test_dot_has_every_module_and_every_edge() {
    many_modules
    run lsmod --graph=/graph.dot
    same 'standard error' '' "$err"
    same edges "$(cat "$WORK/edges")" "$(sed -n 's/^ *"\(.*\)" -> "\(.*\)";$/\1 \2/p' "$root/graph.dot" | sort)"
    same nodes "$(cut -d' ' -f1 "$root/proc/modules" | sort)" "$(sed -n 's/^ *"\(.*\)" \[.*\];$/\1/p' "$root/graph.dot" | sort)"
    dot -Tplain "$root/graph.dot" > "$WORK/plain"
    same 'nodes that dot sees' 60 "$(grep -c ^node "$WORK/plain")"
    run lsmod --graph=-
    same 'standard output' "$(cat "$root/graph.dot")" "$out"
}

test_svg_has_every_module_and_every_edge() {
    many_modules
    real_dot
    echo 'mine' > "$root/graph.svg.dot"
    run PATH="$root/bin:/usr/bin:/bin" "$tools/lsmod" --graph="$root/graph.svg"
    same 'standard error' '' "$err"
    same status 0 "$status"
    xmllint --noout --nonet "$root/graph.svg"
    same 'root element' svg "$(xmllint --xpath 'local-name(/*)' "$root/graph.svg")"
    same nodes "$(cut -d' ' -f1 "$root/proc/modules" | sort)" "$(titles node | sort)"
    same edges "$(cat "$WORK/edges")" "$(titles edge | sed 's/-&gt;/ /; s/->/ /' | sort)"
    same 'a file beside it' mine "$(cat "$root/graph.svg.dot")"
}

test_no_module_is_a_graph_too() {
    new_root
    real_dot
    run PATH="$root/bin:/usr/bin:/bin" "$tools/lsmod" --graph="$root/graph.svg"
    same status 0 "$status"
    xmllint --noout --nonet "$root/graph.svg"
}

test_without_dot_it_says_so() {
    new_root loaded
    echo 'the old picture' > "$root/graph.svg"
    run PATH=/none "$tools/lsmod" --graph="$root/graph.svg"
    same status 1 "$status"
    same 'standard error' "lsmod: ERROR: could not run dot to make $root/graph.svg; is Graphviz installed? --graph=FILE.dot needs no other program" "$err"
    same 'the picture' 'the old picture' "$(cat "$root/graph.svg")"
}

test_a_dot_that_gives_up_is_reported() {
    many_modules
    mkdir -p "$root/bin"
    printf '#!/bin/sh\nexit 3\n' > "$root/bin/dot" && chmod +x "$root/bin/dot"
    run PATH="$root/bin" "$tools/lsmod" --graph="$root/graph.svg"
    same status 1 "$status"
    same 'standard error' "lsmod: ERROR: dot could not make $root/graph.svg" "$err"
}

test_a_file_that_cannot_be_written() {
    new_root loaded
    run lsmod --graph=/no/such/graph.dot
    same status 1 "$status"
    same 'standard error' 'lsmod: ERROR: could not write /no/such/graph.dot: No such file or directory' "$err"
    run lsmod --graph=/dev/full
    same status 1 "$status"
    same 'standard error' 'lsmod: ERROR: could not write /dev/full: No space left on device' "$err"
}
