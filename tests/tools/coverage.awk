# coverage.awk CASES... MANUAL-PAGES... TOOL-SOURCES...: says which options and messages of the tools no transcript shows, and which
# options no manual page names.
#
# An option counts as shown when a command of a case has it, a message when a case expects it of our tools. Options are read from the
# getopt tables, messages from the calls of message(): every string in such a call is a format.

function trouble(text)
{
    print text
    ++missing
}

# A command of a case. Options belong to the tool named last, up to the end of its part of a pipeline.
function note_command(line,    words, count, i, tool)
{
    if (line ~ /^(write|append|place) /)
        return
    gsub(/['"]/, " ", line)
    count = split(line, words, " ")
    for (i = 1; i <= count; ++i) {
        if (words[i] ~ /^(kmod|insmod|rmmod|lsmod|modinfo|modprobe|depmod)$/ && tool == "") {
            tool = words[i]
        } else if (words[i] ~ /^[|&;]/) {
            tool = ""
        } else if (words[i] ~ /^--/) {
            sub(/=.*/, "", words[i])
            used[tool, words[i]] = 1
        } else if (words[i] ~ /^-/) {
            used[tool, "short"] = used[tool, "short"] substr(words[i], 2)
        }
    }
}

function note_option_table(line,    tool)
{
    tool = FILENAME
    sub(/\/[^\/]*$/, "", tool)
    sub(/.*\//, "", tool)
    while (match(line, /\{"[a-z-]+", [a-z]+_argument/)) {
        options[++option_count] = tool " --" substr(line, RSTART + 2, index(substr(line, RSTART + 2), "\"") - 1)
        line = substr(line, RSTART + RLENGTH)
    }
    if (match(line, /short_options = "[^"]*"/)) {
        line = substr(line, RSTART + 17, RLENGTH - 18)
        gsub(/[:+]/, "", line)
        for (; line != ""; line = substr(line, 2))
            options[++option_count] = tool " -" substr(line, 1, 1)
    }
}

# The strings of one call, each as the regular expression of the messages that it makes.
function note_message(call,    format)
{
    while (match(call, /"([^"\\]|\\.)*"/)) {
        format = substr(call, RSTART + 1, RLENGTH - 2)
        call = substr(call, RSTART + RLENGTH)
        if (format !~ /[a-z].* |^%.* /)
            continue
        formats[++format_count] = format
        sub(/\\n.*/, "", format)
        gsub(/\\"/, "\"", format)
        gsub(/[][().*?+|$]/, "[&]", format)
        gsub(/%(\[[.]\]\[[*]\])?[-0-9a-z]*[a-z]/, ".*", format)
        patterns[format_count] = "^[a-z]+: [A-Z]+: " format "$"
        places[format_count] = FILENAME
    }
}

FILENAME ~ /\.case$/ {
    if (sub(/^[+=]?\$ /, ""))
        note_command($0)
    else if (sub(/^([-=]*[+][-+=]*)?! /, ""))
        said[++said_count] = $0
    next
}
FILENAME ~ /\.scd$/ {
    tool = FILENAME
    gsub(/.*\/|\..*/, "", tool)
    while (match($0, /\*--?[A-Za-z0-9-]+\*/)) {
        named[tool " " substr($0, RSTART + 1, RLENGTH - 2)] = 1
        $0 = substr($0, RSTART + RLENGTH)
    }
    next
}
{ note_option_table($0) }
/(^|[^_a-z])(message|complain)\(/ && !/void (message|complain)/ { call = ""; inside = 1 }
inside {
    call = call $0
    if (/;/) {
        inside = 0
        sub(/.*(message|complain)\(/, "", call)
        note_message(call)
    }
}

END {
    for (i = 1; i <= option_count; ++i) {
        split(options[i], parts, " ")
        if (parts[2] ~ /^--/ ? !((parts[1], parts[2]) in used) : !index(used[parts[1], "short"], substr(parts[2], 2)))
            trouble("no case uses " options[i])
        if (!(options[i] in named))
            trouble("no manual page names " options[i])
    }
    for (i = 1; i <= format_count; ++i) {
        for (j = 1; j <= said_count && said[j] !~ patterns[i]; ++j)
            ;
        if (j > said_count)
            trouble("no case shows the message \"" formats[i] "\" of " places[i])
    }
    printf "transcripts: %d options and %d messages, %d not shown\n", option_count, format_count, missing
    exit missing != 0
}
