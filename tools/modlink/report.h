#pragma once

#include <string>
#include <vector>

#include <modlink/modlink.h>
#include "kernel/lib/result.h"
#include "tools/lib/json.h"
#include "tools/modlink/arguments.h"
#include "tools/modlink/kernel_symbols.h"

namespace tenon::tools {

// What modlink prints: lines for people, or one JSON array with an object for each module. Each call tells about one.
class Report {
public:
    Report(Format format, const KernelSymbols& symbols) : format_(format), symbols_(symbols), json_(stdout) {}

    void begin();
    void end();

    void check(const std::string& file, const ::modlink::Output& output);
    void layout(const std::string& file, const ::modlink::Output& output);
    void link(const std::string& file, const ::modlink::Output& output, const std::string& image);
    // A file that could not be read or written. Returns false.
    bool failed(const std::string& file, Errno error);

    // Why the module would not load, a line each.
    static std::vector<std::string> reasons(const ::modlink::Output& output);

private:
    void begin_object(const std::string& file, const ::modlink::Output& output);
    void write_regions(const ::modlink::Output& output);
    void write_sections(const ::modlink::Output& output);
    void write_sizes(const ::modlink::Output& output);

    Format format_;
    const KernelSymbols& symbols_;
    JsonWriter json_;
};

}  // namespace tenon::tools
