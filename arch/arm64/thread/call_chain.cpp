#include "arch/arm64/thread/frame_record.h"
#include "kernel/arch.h"
#include "kernel/runtime/stack_size.h"

namespace tenon::arch {

usize call_chain(u64 frame_pointer, std::span<u64> addresses)
{
    const u64 end = (frame_pointer / kernel_stack_size + 1) * kernel_stack_size;
    usize count = 0;
    for (u64 at = frame_pointer; count < addresses.size() && at % sizeof(FrameRecord) == 0 && at + sizeof(FrameRecord) <= end;) {
        const auto* const record = reinterpret_cast<const FrameRecord*>(at);
        if (record->return_address == 0)
            break;
        addresses[count++] = record->return_address;
        if (record->next <= at)  // stacks grow down
            break;
        at = record->next;
    }
    return count;
}

}  // namespace tenon::arch
