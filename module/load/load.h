#pragma once

#include <string_view>

#include "kernel/lib/result.h"
#include "module/elf/diagnostics.h"
#include "module/elf/source.h"
#include "module/platform.h"
#include "module/registry/registry.h"

namespace tenon::modload {

// What the modules live in; for ever.
struct Environment {
    Platform& platform;
    modreg::Registry& registry;
};

enum class Vermagic : bool { check, ignore };

struct LoadRequest {
    elf::Source& source;
    std::string_view arguments;  // "name=value …"; need not outlive the call
    Vermagic vermagic = Vermagic::check;
};

// The line that says why a load or removal failed, and for which module when that is known.
class Report final : public elf::FirstReason {
public:
    // At most 55 characters.
    FixedText<55> module_name;
};

// Loads a module and runs its constructors and init; returns when it is live and its init regions have been freed, or when nothing
// of it is left. Errno as Linux gives them; the reason is in the report. Blocks; no lock held by the caller.
Result<> load(const Environment& environment, const LoadRequest& request, Report& report);

// Removes a live module that nobody uses. Errno::noent, busy, again.
Result<> unload(const Environment& environment, std::string_view name, Report& report);

}  // namespace tenon::modload
