// What the compiler's checks found, in the log: what it was, where, whose memory it is. The words of the first line are those that Linux's
// tools look for.

#include "kernel/runtime/sanitizer/report.h"

#include <atomic>

#include "kernel/arch.h"
#include "kernel/debug/call_chain.h"
#include "kernel/debug/symbol_text.h"
#include "kernel/debug/taint.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/sanitizer/heap_guard.h"
#include "kernel/runtime/sanitizer/shadow_memory.h"
#include "kernel/thread/thread.h"
#include <tenon/log.h>

namespace tenon::shadow {
namespace {

constinit std::atomic<bool> started{false};
// One report at a time; what goes wrong while one is written is not reported.
constinit std::atomic<bool> reporting{false};
// After so many the log would hold nothing else.
constexpr u32 most_reports = 64;
constinit std::atomic<u32> reports{0};

class Report : NoCopy {
public:
    static bool may_begin()
    {
        if (!started.load(std::memory_order_relaxed) || reports.load(std::memory_order_relaxed) >= most_reports)
            return false;
        return !reporting.exchange(true, std::memory_order_acquire);
    }
    Report()
    {
        reports.fetch_add(1, std::memory_order_relaxed);
        taint::add(taint::Reason::warned);
    }
    ~Report() { reporting.store(false, std::memory_order_release); }

    template <typename... Args>
    void line(std::string_view text, const Args&... args)
    {
        log::format(log::Severity::alert, "", text, args...);
    }
    void frame(u64 address) { line("  {}", symbol_text(address - 4).view()); }
};

std::string_view kind_of(const BadAccess& access)
{
    switch (access.mark) {
    case static_cast<u8>(Mark::free_pages): return "use-after-free";
    case static_cast<u8>(Mark::heap_freed): return "slab-use-after-free";
    case static_cast<u8>(Mark::heap_redzone): return "slab-out-of-bounds";
    case static_cast<u8>(Mark::module_freed): return "module-use-after-free";
    case static_cast<u8>(Mark::module_redzone): return "module-out-of-bounds";
    case 0xf1:
    case 0xf2:
    case 0xf3: return "stack-out-of-bounds";
    case 0xf8: return "stack-use-after-scope";
    case 0xf9: return "global-out-of-bounds";
    default: break;
    }
    return access.mark < 8 ? "out-of-bounds" : "bad access";
}

void print_trace(Report& report, std::string_view what, TraceId id)
{
    report.line("{}:", what);
    for (const u64 address : trace(id))
        report.frame(address);
}

void print_object(Report& report, u64 address)
{
    const auto object = heap::guard::find(address);
    if (!object)
        return;
    const i64 distance = static_cast<i64>(address - object->start);
    report.line("{:#x} is {} bytes from the start of an object of {} bytes{}", address, distance, object->size,
                object->is_freed ? ", which was freed" : "");
    print_trace(report, "It was allocated by", object->allocated);
    if (object->is_freed)
        print_trace(report, "It was freed by", object->freed);
}

}  // namespace

void start()
{
    started.store(true, std::memory_order_relaxed);
}

void report_access(const BadAccess& access)
{
    if (!Report::may_begin())
        return;
    Report report;
    report.line("BUG: KASAN: {} in {}", kind_of(access), symbol_text(access.caller - 4).view());
    report.line("{} of size {} at {:#x}, of which {:#x} may not be used (shadow {:#x})", access.access == Access::read ? "Read" : "Write",
                access.size, access.start, access.bad, access.mark);
    CallChain(reinterpret_cast<u64>(__builtin_frame_address(0))).print();
    print_object(report, access.bad);
}

void report_free(const void* pointer, std::string_view what, u64 caller)
{
    if (!Report::may_begin())
        return;
    Report report;
    report.line("BUG: KASAN: {} in {}", what, symbol_text(caller - 4).view());
    report.line("Address {:#x}; it stays as it was", reinterpret_cast<u64>(pointer));
    CallChain(reinterpret_cast<u64>(__builtin_frame_address(0))).print();
    print_object(report, reinterpret_cast<u64>(pointer));
}

void report_leak(std::string_view module, const TraceUse& use)
{
    if (!Report::may_begin())
        return;
    Report report;
    report.line("BUG: leak: module {} leaves {} bytes behind, in {} objects", module, use.bytes, use.objects);
    report.line("They were allocated by:");
    for (const u64 address : use.addresses) {
        if (use.gone.contains(address))
            report.line("  {:#018x} .init.text+{:#x} [{}]", address, address - 4 - use.gone.start, module);
        else
            report.frame(address);
    }
}

void report_undefined(std::string_view what, std::string_view file, u32 line, u64 caller)
{
    if (!Report::may_begin())
        return;
    if (file.starts_with("./"))
        file.remove_prefix(2);
    Report report;
    report.line("UBSAN: {} in {}:{}", what, file, line);
    report.line("in {}", symbol_text(caller - 4).view());
    CallChain(reinterpret_cast<u64>(__builtin_frame_address(0))).print();
}

}  // namespace tenon::shadow
