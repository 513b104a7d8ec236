#include "kernel/arch.h"
#include "kernel/thread/cross_call.h"

// Keeping instruction fetch coherent with stores (Arm ARM B2.4.4, D7.5.9).

namespace tenon::arch {
namespace {

// CTR_EL0, the cache type register (Arm ARM D19.2.34).
class CacheType {
public:
    CacheType() { asm("mrs %0, ctr_el0" : "=r"(value_)); }
    u64 data_line() const { return u64{4} << ((value_ >> 16) & 0xf); }
    u64 code_line() const { return u64{4} << (value_ & 0xf); }
    // L1Ip: in every other kind of instruction cache a line may stand under several virtual addresses, of which `ic ivau` finds one.
    bool has_physical_code_tags() const { return ((value_ >> 14) & 3) == 3; }

private:
    u64 value_;
};

}  // namespace

// Clean to the point of unification, then drop what instruction caches hold.
void clean_code(KernelAddr start, usize size)
{
    const CacheType type;
    const u64 end = start.value() + size;
    const u64 line_size = type.data_line();
    u64 line = start.value() & ~(line_size - 1);
    for (; line + 4 * line_size <= end; line += 4 * line_size)
        asm volatile("dc cvau, %0\n\tdc cvau, %1\n\tdc cvau, %2\n\tdc cvau, %3" ::"r"(line), "r"(line + line_size),
                     "r"(line + 2 * line_size), "r"(line + 3 * line_size)
                     : "memory");
    for (; line < end; line += line_size)
        asm volatile("dc cvau, %0" ::"r"(line) : "memory");
    asm volatile("dsb ish" ::: "memory");
    constexpr usize worth_everything = 64 * 1024;
    if (size >= worth_everything || !type.has_physical_code_tags())
        asm volatile("ic ialluis" ::: "memory");
    else
        for (line = start.value() & ~(type.code_line() - 1); line < end; line += type.code_line())
            asm volatile("ic ivau, %0" ::"r"(line) : "memory");
    asm volatile("dsb ish\n\tisb" ::: "memory");
}

void synchronise_code(KernelAddr start, usize size)
{
    clean_code(start, size);
    cross_call::synchronise_contexts();
}

}  // namespace tenon::arch
