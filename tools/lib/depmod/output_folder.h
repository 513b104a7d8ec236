#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/lib/result.h"

namespace tenon::tools {

struct OutputFile {
    const char* name;
    std::string contents;
    bool only_with_contents = false;

    // To be removed where it stands, not written.
    bool is_unwanted() const { return only_with_contents && contents.empty(); }
};

// Writes all files of one run: each under a temporary name first; only when all are written and on the disk and none failed, they
// take their names, so that a power cut leaves an old or a new file. Otherwise the old files stay and nothing new is left behind. The
// failure is reported.
Result<> write_files(int folder, const std::vector<OutputFile>& files);

// Opens a folder for output, made with all its parents when it is missing.
Result<int> open_output_folder(const std::string& path);

}  // namespace tenon::tools
