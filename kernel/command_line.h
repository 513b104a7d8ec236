#pragma once

#include <optional>
#include <string_view>

#include "kernel/lib/text.h"
#include "module/registry/argument_parser.h"

// The kernel's command line, taken apart by the rule of module parameters (modreg::ArgumentParser): words are separated by white
// space, and double quotes around a word or around a value keep blanks. A word `--` ends the parameters; what follows it
// are arguments for init. Pure.

namespace tenon::command_line {

// The value of `name=value` (the last one wins), "" for a bare `name`, nothing when absent. `-` and `_` in names do not
// differ.
std::optional<std::string_view> find_parameter(std::string_view line, std::string_view name);

// The arguments for init, one after the other.
class InitWords {
public:
    explicit InitWords(std::string_view line);

    // Writes the next one, quotes removed, to `out`; false at the end. All together are no longer than the line.
    bool next(TextSink& out);

private:
    modreg::ArgumentParser parser_;
};

}  // namespace tenon::command_line
