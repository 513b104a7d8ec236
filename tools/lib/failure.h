#pragma once

#include <functional>
#include <string>

#include "kernel/lib/result.h"

namespace tenon::tools {

// Names the modules that export a symbol; used to complete the reason of a failed load.
class Providers {
public:
    using Find = std::function<std::string(const std::string& symbol)>;

    explicit Providers(Find find) : find_(std::move(find)) {}

    // The module's name; empty when none exports the symbol.
    std::string of(const std::string& symbol) const { return find_(symbol); }

private:
    Find find_;
};

// kmod's words for the errno of a failed load.
const char* load_error_text(Errno error);

// The words for a load that has just failed: the kernel's own reason when it gives one (followed by the modules that would
// provide the symbols named in it), else `otherwise`.
std::string failure_reason(const std::string& otherwise, const Providers& providers);

// The same for a known reason.
std::string explained(const std::string& reason, const Providers& providers);

}  // namespace tenon::tools
