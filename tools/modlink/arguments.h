#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernel/lib/types.h"

namespace tenon::tools {

enum class ModlinkCommand { check, layout, link };
enum class Format { text, json };
enum class Calls { near, far };
enum class Erratum { ignore, avoid };

// modlink's command line.
struct ModlinkRequest {
    ModlinkCommand command = ModlinkCommand::check;
    std::string kernel;              // empty: none
    std::vector<std::string> with;   // modules that are loaded already, in the order of loading
    std::vector<std::string> files;  // at least one; exactly one for link
    std::optional<u64> address;      // a multiple of the page size; always there for link
    std::string image;               // not empty for link
    Format format = Format::text;
    Calls calls = Calls::near;
    Erratum erratum = Erratum::ignore;
};

// Ends the program for --help, --version and a wrong command line (exit status 2).
ModlinkRequest parse_modlink_arguments(int count, char** arguments);

}  // namespace tenon::tools
