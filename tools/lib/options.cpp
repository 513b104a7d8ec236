#include "tools/lib/options.h"

#include <cstdio>

#include "generated/version.h"
#include "tools/lib/messages.h"

namespace tenon::tools {

void print_version()
{
    std::printf("%s (Tenon) %s\n+ZSTD +XZ +ZLIB\n", program_name(), TENON_VERSION);
}

void more_verbose()
{
    const int next = static_cast<int>(threshold()) + 1;
    if (next <= static_cast<int>(Severity::debug))
        set_threshold(static_cast<Severity>(next));
}

int finish(int status)
{
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        message(Severity::error, "could not write output: %m");
        return 1;
    }
    return status;
}

}  // namespace tenon::tools
