#include "tools/lib/options.h"

#include <cstdio>

#include "generated/version.h"
#include "tools/lib/messages.h"

namespace tenon::tools {

namespace {

// Scripts compare the third word of the first line.
constexpr int compatible_kmod = 34;

// One step more is told.
void more_verbose()
{
    const int next = static_cast<int>(threshold()) + 1;
    if (next <= static_cast<int>(Severity::debug))
        set_threshold(static_cast<Severity>(next));
}

}  // namespace

void print_version()
{
    std::printf("%s (Tenon) %s\n+ZSTD +XZ +ZLIB\n", program_name(), TENON_VERSION);
}

void print_kmod_version()
{
    std::printf("kmod version %d\nTenon %s +ZSTD +XZ +ZLIB\n", compatible_kmod, TENON_VERSION);
}

std::optional<int> common_option(int key, const char* help_text)
{
    switch (key) {
    case 's': set_log_target(LogTarget::syslog); return std::nullopt;
    case 'v': more_verbose(); return std::nullopt;
    case 'V': print_kmod_version(); return finish(0);
    case 'h': std::fputs(help_text, stdout); return finish(0);
    default: return 1;
    }
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
