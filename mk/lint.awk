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

function finding(text)
{
    print file ":" line_number ": " text
    findings++
}

function check_file(words_only,    text, code, header, function_start)
{
    line_number = 0
    function_start = 0
    while ((getline text < file) > 0) {
        line_number++
        if (text ~ /TODO|FIXME|#if 0/ || text ~ /(^|[^X])XXX([^X]|$)/) finding("a forbidden word")
        if (words_only) continue
        if (match(text, /^#include ["<][^">]*[">]/)) {
            header = substr(text, 11, RLENGTH - 11)
            if ((text ~ /^#include "/ || header ~ /^tenon\//) && !may_include(file, header))
                finding("may not include " header)
        }
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
    if (line_number > 400 && !words_only) finding("a file of more than 400 lines")
    if (file ~ /\.h$/ && file !~ /^mk\// && system("grep -q '^#pragma once$' " file) != 0) finding("no #pragma once")
}

{
    words_only = sub(/^words:/, "")
    file = $0
    check_file(words_only)
}

END {
    if (findings) { print findings " findings"; exit 1 }
}
