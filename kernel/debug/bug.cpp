#include "kernel/lib/bug.h"

#include <algorithm>
#include <array>
#include <span>

#include "kernel/arch.h"
#include "kernel/debug/kallsyms.h"
#include "kernel/debug/symbol_text.h"
#include "kernel/debug/taint.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/rate_limit.h"
#include "kernel/thread/thread.h"
#include <tenon/log.h>
#include <tenon/sync.h>
#include <tenon/time.h>

namespace tenon {
namespace {

constinit Guarded<RateLimit> reports_limit;

// The places of the code that has been called, innermost first.
class CallChain {
public:
    void add(u64 address)
    {
        if (size_ < addresses_.size())
            addresses_[size_++] = address;
    }
    // Stands for each place by the call, not by where that returns to, which may be the next function already.
    void add_callers(u64 frame_pointer)
    {
        arch::walk_stack(
            frame_pointer, [](u64 address, void* self) { static_cast<CallChain*>(self)->add(address - 4); }, this);
    }
    std::span<const u64> addresses() const { return std::span(addresses_).first(size_); }

private:
    std::array<u64, 32> addresses_;
    usize size_ = 0;
};

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

void report(std::string_view what, const CallChain& chain)
{
    taint::add(taint::Reason::warned);
    if (!may_show())
        return;
    const auto in_module = std::ranges::find_if(chain.addresses(), [](u64 address) { return !kallsyms::find(address); });
    if (in_module != chain.addresses().end())
        log::format(log::Severity::alert, "", "BUG: {} in {}", what, symbol_text(*in_module).view());
    else
        log::format(log::Severity::alert, "", "BUG: {}", what);
    const auto* const thread = arch::current_thread_if_any();
    log::format(log::Severity::alert, "", "CPU {}, thread {}; call chain, innermost first:", arch::cpu_index(), thread == nullptr ? "none" : thread->name());
    for (const u64 address : chain.addresses())
        log::format(log::Severity::alert, "", "  {}", symbol_text(address).view());
}

}  // namespace

void report_bug(std::string_view what)
{
    CallChain chain;
    chain.add_callers(arch::current_frame_pointer());
    report(what, chain);
}

void report_interrupted_code(std::string_view what)
{
    const arch::UserRegisters* const registers = arch::interrupted_registers();
    expect(registers != nullptr, "a report about interrupted code outside interrupt handlers");
    CallChain chain;
    chain.add(registers->pc);
    chain.add_callers(registers->x[29]);
    report(what, chain);
}

}  // namespace tenon
