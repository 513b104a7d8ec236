# Reads file names, one per line (`words:` before those that are only searched for words); prints findings.

# The layers of the loader: each may include only what has a lower number, and itself.
function layer(path)
{
    if (path ~ /^kernel\/lib\//) return 0
    if (path ~ /^module\/elf\//) return 1
    if (path ~ /^module\/link\//) return 2
    if (path ~ /^arch\/[^\/]*\/reloc\// || path ~ /^module\/(registry\/|platform\.h)/) return 3
    if (path ~ /^module\/load\//) return 4
    if (path ~ /^(kernel|arch)\//) return 5
    return -1
}

# Whether a file may include a header of the project, apart from the loader's layers.
function may_include(file, header)
{
    if (header ~ /^kernel\/lib\// || header ~ /^generated\// || header == "tenon/api.h") return 1
    if (header ~ /^tenon\//) return file !~ /^(kernel\/lib|module\/elf|module\/link|tools)\// && file !~ /^arch\/[^\/]*\/reloc\//
    if (file ~ /^include\/tenon\//) return 0
    if (file ~ /^modules\//) return index(header, substr(file, 1, match(substr(file, 9), "/") + 8)) == 1
    if (file ~ /^tools\//) return header ~ /^tools\// || (layer(header) >= 0 && layer(header) <= 4)
    if (layer(file) < 0) return 1
    if (layer(header) < 0) return 0
    return layer(header) < layer(file) || header_folder(header) == header_folder(file) || layer(file) == 5
}

# Where a volatile access would be one to a device, or an attempt at synchronisation. Guarded accesses name what they may touch so.
function touches_devices(path)
{
    return path ~ /^(kernel|arch|include|modules|module)\// && path != "include/tenon/guarded_access.h"
}

function header_folder(path)
{
    if (match(path, /^(kernel\/lib|module\/[a-z]+|arch\/[^\/]*\/reloc)\//)) return substr(path, 1, RLENGTH)
    return "kernel"
}

# The floors and the arrows of mk/floors.
function read_floors(    text, words, count, i)
{
    while ((getline text < floors) > 0) {
        count = split(text, words, " ")
        if (words[1] == "floor") {
            highest++
            for (i = 2; i <= count; i++) floor_number[words[i]] = highest
        }
        if (words[1] == "arrow") {
            arrows++
            arrow_from[arrows] = words[2]
            arrow_to[arrows] = words[3]
            if (!sub(/:$/, "", arrow_to[arrows]) || count < 4) broken_arrows = broken_arrows "mk/floors: an arrow without a reason: " text "\n"
        }
    }
    close(floors)
}

# Of a file of kernel/; 0 when it is on none.
function floor_of(path)
{
    sub(/^kernel\//, "", path)
    sub(/[.\/].*/, "", path)
    return path in floor_number ? floor_number[path] : 0
}

function check_floors(header,    i)
{
    if (file !~ /^kernel\// || header !~ /^kernel\// || floor_of(header) <= floor_of(file)) return
    for (i = 1; i <= arrows; i++)
        if (index(file, arrow_from[i]) == 1 && index(header, arrow_to[i]) == 1) {
            arrow_used[i] = 1
            return
        }
    finding("may not include " header ", which is on a higher floor (mk/floors)")
}

# Comments at barriers name the pattern of tests/litmus that shows what they are for: (litmus: Suite.Name). Every function with a fence names
# one, in its comment or inside, and in the folders of the synchronisation core every function that orders memory.
function check_patterns(text,    name)
{
    if (file !~ /^(kernel|arch|module|include)\//) return
    if (text ~ /^}/) names_pattern = 0
    if (text ~ /litmus: [A-Z]/) names_pattern = 1
    if (!names_pattern && (text ~ /atomic_thread_fence\(std/ ||
                           (file ~ /^(kernel\/thread|kernel\/time|module\/registry)\// && text ~ /memory_order_(acquire|release|acq_rel|seq_cst)/)))
        finding("orders memory, and no comment of the function names its pattern in tests/litmus")
    while (match(text, /litmus: [A-Za-z.]+/)) {
        if (!patterns_read++) read_patterns()
        name = substr(text, RSTART + 8, RLENGTH - 8)
        text = substr(text, RSTART + RLENGTH)
        if (!(name in pattern)) finding("no pattern " name " in tests/litmus")
    }
}

function read_patterns(    command, line, words)
{
    command = "cat tests/litmus/patterns/*.cpp"
    while ((command | getline line) > 0)
        if (line ~ /^TEST\(/) {
            gsub(/TEST\(|\).*/, "", line)
            split(line, words, ", ")
            pattern[words[1] "." words[2]] = 1
        }
    close(command)
}

function finding(text)
{
    print file ":" line_number ": " text
    findings++
}

function check_file(words_only,    text, code, header, function_start)
{
    line_number = 0
    names_pattern = 0
    function_start = 0
    while ((getline text < file) > 0) {
        line_number++
        if (text ~ /TODO|FIXME|#if 0/ || text ~ /(^|[^X])XXX([^X]|$)/) finding("a forbidden word")
        if (words_only) continue
        if (match(text, /^#include ["<][^">]*[">]/)) {
            header = substr(text, 11, RLENGTH - 11)
            if ((text ~ /^#include "/ || header ~ /^tenon\//) && !may_include(file, header))
                finding("may not include " header)
            check_floors(header)
        }
        check_patterns(text)
        code = text
        sub(/\/\/.*/, "", code)
        if (touches_devices(file) && code ~ /(^|[^a-z_])volatile([^a-z_]|$)/ && code !~ /asm volatile/) finding("volatile: device registers are accessed by <tenon/io.h>")
        if (text ~ /^\{/) function_start = line_number
        if (text ~ /^\}/ && function_start) {
            if (line_number - function_start - 1 > 60) finding("a function of " line_number - function_start - 1 " lines")
            function_start = 0
        }
        if (length(text) > 160) finding("a line of " length(text) " characters")
    }
    close(file)
    if (file ~ /^kernel\// && !words_only && !floor_of(file)) finding("on no floor: mk/floors has none of that name")
    if (line_number > 400 && !words_only) finding("a file of more than 400 lines")
    if (file ~ /\.h$/ && file !~ /^mk\// && system("grep -q '^#pragma once$' " file) != 0) finding("no #pragma once")
}

BEGIN { read_floors() }

{
    words_only = sub(/^words:/, "")
    file = $0
    check_file(words_only)
}

END {
    if (broken_arrows != "") { printf "%s", broken_arrows; findings++ }
    for (i = 1; whole && i <= arrows; i++)
        if (!arrow_used[i]) {
            print "mk/floors: nothing needs the arrow from " arrow_from[i] " to " arrow_to[i]
            findings++
        }
    if (findings) { print findings " findings"; exit 1 }
}
