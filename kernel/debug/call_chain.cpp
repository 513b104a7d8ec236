#include "kernel/debug/call_chain.h"

#include "kernel/debug/symbol_text.h"
#include "kernel/thread/thread.h"
#include <tenon/log.h>

namespace tenon {

CallChain::CallChain(u64 frame_pointer)
{
    add_callers(frame_pointer);
}

CallChain::CallChain(const arch::UserRegisters& interrupted)
{
    places_[count_++] = interrupted.pc;
    add_callers(interrupted.x[29]);
}

void CallChain::add_callers(u64 frame_pointer)
{
    const auto callers = std::span(places_).subspan(count_);
    const usize added = arch::call_chain(frame_pointer, callers);
    for (u64& place : callers.first(added))
        place -= 4;
    count_ += added;
}

void CallChain::print() const
{
    const auto* const thread = arch::current_thread_if_any();
    log::format(log::Severity::alert, "", "CPU {}, thread {}; call chain, innermost first:", arch::cpu_index(),
                thread == nullptr ? "none" : thread->name());
    for (const u64 place : places())
        log::format(log::Severity::alert, "", "  {}", symbol_text(place).view());
}

}  // namespace tenon
