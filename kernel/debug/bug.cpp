#include "kernel/lib/bug.h"

#include <algorithm>

#include "kernel/debug/call_chain.h"
#include "kernel/debug/kallsyms.h"
#include "kernel/debug/symbol_text.h"
#include "kernel/debug/taint.h"
#include "kernel/lib/rate_limit.h"
#include <tenon/log.h>
#include <tenon/sync.h>
#include <tenon/time.h>

namespace tenon {
namespace {

constinit Guarded<RateLimit> reports_limit;

// Whether one more report may be shown; says how many were not.
bool may_show()
{
    u32 held_back = 0;
    const bool allowed = reports_limit.with([&](RateLimit& limit) {
        if (!limit.allows(monotonic_now()))
            return false;
        held_back = limit.take_suppressed();
        return true;
    });
    if (held_back != 0)
        log::format(log::Severity::alert, "", "BUG: {} reports were held back", held_back);
    return allowed;
}

// `place`: where the fault is when no module has a part in it; 0: only the chain tells.
void report(std::string_view what, const CallChain& chain, u64 place)
{
    taint::add(taint::Reason::warned);
    if (!may_show())
        return;
    const auto in_module = std::ranges::find_if(chain.places(), [](u64 address) { return !kallsyms::find(address); });
    if (in_module != chain.places().end())
        place = *in_module;
    if (place != 0)
        log::format(log::Severity::alert, "", "BUG: {} in {}", what, symbol_text(place).view());
    else
        log::format(log::Severity::alert, "", "BUG: {}", what);
    chain.print();
}

}  // namespace

void report_bug(std::string_view what)
{
    report(what, CallChain(arch::current_frame_pointer()), 0);
}

void report_bug_in(std::string_view what, const arch::UserRegisters& code)
{
    report(what, CallChain(code), code.pc);
}

}  // namespace tenon
