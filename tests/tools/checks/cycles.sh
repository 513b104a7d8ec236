# Dependency cycles beside kmod, on random graphs with several in a component: each that kmod tells we tell, too, and beside them those that
# share modules with them. kmod 30 does not come to an end on some graphs and aborts on others: these are left out.

# cycles_of TOOLS: what its depmod tells of them, into $told; the status of the program is $status
cycles_of() {
    tools=$1 run prlimit --cpu=1:2 depmod -n
    told=$(head -c 100000 "$WORK/err" | sed -n 's/^depmod: ERROR: \(Cycle detected\|Found\)/\1/p' | sort)
}

test_what_kmod_tells_is_told() {
    local seed theirs compared=0 ours=$tools
    for ((seed = 1; seed <= 24; ++seed)); do
        rm -rf "$folder" && mkdir -p "$folder/kernel" "$root/proc"
        "$PRELOADS/crafted_modules" graph $seed "$folder/kernel"
        cycles_of "$stock"
        (( status < 124 )) || continue
        theirs=$told
        cycles_of "$ours"
        same "what is not told of seed $seed" '' "$(comm -23 <(echo "$theirs") <(echo "$told"))"
        same "modules in cycles of seed $seed" "$(grep '^Found' <<< "$theirs" || true)" "$(grep '^Found' <<< "$told" || true)"
        compared=$((compared + 1))
    done
    (( compared >= 12 )) || { echo "kmod came to an end with $compared of 24 graphs"; return 1; }
}
