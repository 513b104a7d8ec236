#include "arch/arm64/thread/frame_record.h"
#include "kernel/arch.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/text.h"
#include "kernel/mm/layout.h"

namespace tenon::arch {
namespace {

constexpr unsigned deepest = 64;

// Takes the lock of the page tables; a panic inside kernel_map with it held prints no chain.
bool is_plausible(u64 record)
{
    return record >= layout::linear_base && is_aligned(record, 16) && kernel_map::translate(KernelAddr(record));
}

}  // namespace

u64 current_frame_pointer()
{
    // The caller's frame: the record here links to it.
    return static_cast<const FrameRecord*>(__builtin_frame_address(0))->next;
}

void walk_stack(u64 frame_pointer, void (*visit)(u64 address, void* context), void* context)
{
    for (unsigned depth = 0; depth < deepest && is_plausible(frame_pointer); ++depth) {
        const auto* record = KernelAddr(frame_pointer).pointer<const FrameRecord>();
        if (record->return_address == 0)
            return;
        visit(record->return_address, context);
        if (record->next <= frame_pointer)  // stacks grow down
            return;
        frame_pointer = record->next;
    }
}

void print_registers(const UserRegisters& registers, TextSink& sink)
{
    for (unsigned i = 0; i < 31; ++i)
        format_to(sink, "x{}{} {:016x}{}", i, i < 10 ? " " : "", registers.x[i], i % 4 == 3 ? "\n" : "  ");
    format_to(sink, "sp  {:016x}\npc  {:016x}  pstate {:08x}  user sp {:016x}\n",
              KernelAddr::of(&registers + 1), registers.pc, registers.pstate, registers.sp);
}

}  // namespace tenon::arch
