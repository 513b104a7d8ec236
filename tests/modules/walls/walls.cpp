// Loads when every CPU is set up as arch/arm64/boot/entry.S promises: what user space may not reach is closed where the CPU can close it.
// Otherwise the log says what is open.

#include <atomic>
#include <string_view>

#include <tenon/cpu.h>
#include <tenon/log.h>
#include <tenon/module.h>

using namespace tenon;

namespace {

#define READ_REGISTER(name)                               \
    [] {                                                  \
        u64 value;                                        \
        asm volatile("mrs %0, " name : "=r"(value));      \
        return value;                                     \
    }()

constexpr u64 field(u64 value, unsigned low)
{
    return value >> low & 0xf;
}

constexpr u64 bit(u64 value, unsigned number)
{
    return value >> number & 1;
}

bool has_event_counters()
{
    const u64 version = field(READ_REGISTER("id_aa64dfr0_el1"), 8);
    return version != 0 && version != 0xf;
}

struct Wall {
    std::string_view name;
    bool (*is_there)();    // whether the CPU has it
    bool (*is_closed)();
};

constexpr Wall walls[] = {
    {"E0PD1 of TCR_EL1", [] { return field(READ_REGISTER("S3_0_C0_C7_2"), 60) != 0; }, [] { return bit(READ_REGISTER("tcr_el1"), 56) == 1; }},
    {"PSTATE.PAN", [] { return field(READ_REGISTER("id_aa64mmfr1_el1"), 20) != 0; }, [] { return bit(READ_REGISTER("S3_0_C4_C2_3"), 22) == 1; }},
    {"SPAN of SCTLR_EL1", [] { return field(READ_REGISTER("id_aa64mmfr1_el1"), 20) != 0; },
     [] { return bit(READ_REGISTER("sctlr_el1"), 23) == 0; }},
    {"PMUSERENR_EL0", has_event_counters, [] { return READ_REGISTER("pmuserenr_el0") == 0; }},
    {"AMUSERENR_EL0", [] { return field(READ_REGISTER("id_aa64pfr0_el1"), 44) != 0; }, [] { return READ_REGISTER("S3_3_C13_C2_3") == 0; }},
    {"TDCC of MDSCR_EL1", [] { return true; }, [] { return bit(READ_REGISTER("mdscr_el1"), 12) == 1; }},
    // What a firmware may have made trap at EL2: a trap here would end the machine. The registers that tell who the CPU is are its own.
    {"event counters, debug and counters of EL1", [] { return true; },
     [] {
         const u64 counters = has_event_counters() ? READ_REGISTER("pmccntr_el0") : 0;
         static_cast<void>(counters | READ_REGISTER("oslsr_el1") | READ_REGISTER("dbgbcr0_el1") | READ_REGISTER("cntpct_el0"));
         return READ_REGISTER("midr_el1") != 0 && bit(READ_REGISTER("mpidr_el1"), 31) == 1;
     }},
};

std::atomic<u64> there[std::size(walls)];
std::atomic<u64> open[std::size(walls)];

Result<> start()
{
    run_on_all_cpus([&] {
        for (usize i = 0; i < std::size(walls); ++i) {
            if (!walls[i].is_there())
                continue;
            there[i].fetch_add(1, std::memory_order_relaxed);
            if (!walls[i].is_closed())
                open[i].fetch_add(1, std::memory_order_relaxed);
        }
    });
    bool all_closed = true;
    for (usize i = 0; i < std::size(walls); ++i) {
        const u64 cpus = open[i].load(std::memory_order_relaxed);
        log::info("walls", "{}: on {} CPUs, open on {}", walls[i].name, there[i].load(std::memory_order_relaxed), cpus);
        all_closed &= cpus == 0;
    }
    return all_closed ? Result<>() : fail(Errno::perm);
}

void stop() {}

}  // namespace

module_init(start);
module_exit(stop);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: what is closed to user space on every CPU");
