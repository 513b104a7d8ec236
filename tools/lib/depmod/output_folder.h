#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/lib/result.h"

namespace tenon::tools {

struct OutputFile {
    const char* name;
    std::string contents;
};

// Writes all files of one run: each under a temporary name first; only when all are written and none failed, they take their
// names. Otherwise the old files stay and nothing new is left behind. The failure is reported.
Result<> write_files(int folder, const std::vector<OutputFile>& files);

// Opens a folder for output, made with all its parents when it is missing.
Result<int> open_output_folder(const std::string& path);

}  // namespace tenon::tools
