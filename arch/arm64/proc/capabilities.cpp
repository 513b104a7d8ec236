#include "arch/arm64/smp/cpu.h"
#include "kernel/arch.h"
#include "kernel/lib/text.h"

// AT_HWCAP of arm64 Linux (arch/arm64/include/uapi/asm/hwcap.h), as far as the kernel keeps the state that the feature needs.

namespace tenon::arch {

namespace {

// A capability with its name in /proc/cpuinfo, and what says that the processor has it: a four-bit field of ID_AA64ISAR0_EL1
// (Arm ARM, D19.2.61) that is at least `least`.
struct Capability {
    u64 bit;
    std::string_view name;
    unsigned field_shift;
    u64 least;
};

// By bit. Floating point is always there.
constexpr Capability capabilities[] = {
    {1 << 0, "fp", 0, 0},    {1 << 1, "asimd", 0, 0}, {1 << 3, "aes", 4, 1},    {1 << 4, "pmull", 4, 2},
    {1 << 5, "sha1", 8, 1},  {1 << 6, "sha2", 12, 1}, {1 << 7, "crc32", 16, 1}, {1 << 8, "atomics", 20, 2},
};

}  // namespace

u64 program_capabilities()
{
    u64 features;
    asm("mrs %0, id_aa64isar0_el1" : "=r"(features));
    u64 present = 0;
    for (const Capability& capability : capabilities)
        if ((features >> capability.field_shift & 0xf) >= capability.least)
            present |= capability.bit;
    return present;
}

// As arm64 Linux prints it. The fields of MIDR_EL1: Arm ARM, D19.2.106. BogoMIPS follow from the counter, which delays are made with.
void print_processor(unsigned cpu, TextSink& sink)
{
    const u64 hundredths = counter_frequency() / 5000;
    format_to(sink, "BogoMIPS\t: {}.{:02}\nFeatures\t:", hundredths / 100, hundredths % 100);
    const u64 present = program_capabilities();
    for (const Capability& capability : capabilities)
        if ((present & capability.bit) != 0)
            format_to(sink, " {}", capability.name);
    const u64 identity = cpu_identities[cpu];
    format_to(sink, "\nCPU implementer\t: 0x{:02x}\nCPU architecture: 8\n", identity >> 24 & 0xff);
    format_to(sink, "CPU variant\t: 0x{:x}\nCPU part\t: 0x{:03x}\nCPU revision\t: {}\n", identity >> 20 & 0xf, identity >> 4 & 0xfff,
              identity & 0xf);
}

}  // namespace tenon::arch
