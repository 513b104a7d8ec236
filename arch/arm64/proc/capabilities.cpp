#include "kernel/arch.h"

// AT_HWCAP of arm64 Linux (arch/arm64/include/uapi/asm/hwcap.h), as far as the kernel keeps the state that the feature needs.

namespace tenon::arch {

namespace {

constexpr u64 capability_fp = 1 << 0;
constexpr u64 capability_simd = 1 << 1;
constexpr u64 capability_aes = 1 << 3;
constexpr u64 capability_polynomial_multiply = 1 << 4;
constexpr u64 capability_sha1 = 1 << 5;
constexpr u64 capability_sha2 = 1 << 6;
constexpr u64 capability_crc32 = 1 << 7;
constexpr u64 capability_atomics = 1 << 8;

// A four-bit field of ID_AA64ISAR0_EL1 (Arm ARM, D19.2.61).
constexpr u64 field(u64 value, unsigned shift)
{
    return (value >> shift) & 0xf;
}

}  // namespace

u64 program_capabilities()
{
    u64 features;
    asm("mrs %0, id_aa64isar0_el1" : "=r"(features));
    u64 capabilities = capability_fp | capability_simd;
    if (field(features, 4) >= 1)
        capabilities |= capability_aes;
    if (field(features, 4) >= 2)
        capabilities |= capability_polynomial_multiply;
    if (field(features, 8) >= 1)
        capabilities |= capability_sha1;
    if (field(features, 12) >= 1)
        capabilities |= capability_sha2;
    if (field(features, 16) >= 1)
        capabilities |= capability_crc32;
    if (field(features, 20) >= 2)
        capabilities |= capability_atomics;
    return capabilities;
}

}  // namespace tenon::arch
