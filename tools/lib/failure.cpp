#include "tools/lib/failure.h"

#include "tools/lib/file.h"
#include "tools/lib/symbol_text.h"
#include "tools/lib/syscalls.h"
#include "tools/lib/words.h"

namespace tenon::tools {

const char* load_error_text(Errno error)
{
    switch (error) {
    case Errno::noexec: return "Invalid module format";
    case Errno::noent: return "Unknown symbol in module";
    case Errno::srch: return "Module has wrong symbol version";
    case Errno::inval: return "Invalid parameters";
    default: return error_text(error);
    }
}

std::string failure_reason(const std::string& otherwise, const Providers& providers)
{
    const std::string reason = load_failure_reason();
    return reason.empty() ? otherwise : explained(reason, providers);
}

std::string explained(const std::string& reason, const Providers& providers)
{
    std::string text = reason;
    for (const std::string_view word : split(reason, " ,:;()'\"")) {
        const std::string symbol(word);
        const std::string provider = providers.of(symbol);
        if (!provider.empty())
            text += " (" + readable_symbol(symbol) + " is exported by module " + provider + ")";
    }
    return text;
}

}  // namespace tenon::tools
