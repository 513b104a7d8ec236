#pragma once

#include <concepts>
#include <type_traits>

#include "kernel/lib/address.h"
#include "kernel/lib/types.h"

// Registers of devices that are mapped into memory. Each access is one instruction with a plain base register: a hypervisor that emulates
// the device is told the registers of no other form (Arm ARM D17.2.37, ESR_EL2.ISS.ISV), so no compiler may choose one. Nothing else in
// the kernel touches device memory; `make lint` looks at what was compiled.
//
// read and write are ordered with all memory: a read is done before everything that comes later, a write after everything that came
// before. So a driver that learns from a register that data is there finds the data, and a device that is told of a request finds
// it. The relaxed forms keep the order among accesses to the same device, and no other. For every context.

#define TENON_DEVICE_ACCESS(instruction)                                 \
    "1: " instruction "\n"                                               \
    "   .pushsection .discard.device_accesses, \"a?\", %%progbits\n"     \
    "   .balign 8\n"                                                     \
    "   .quad 1b\n"                                                      \
    "   .popsection\n"

namespace tenon::io {

template <typename T>
concept Register = std::same_as<T, u8> || std::same_as<T, u16> || std::same_as<T, u32> || std::same_as<T, u64>;

template <Register T>
[[gnu::always_inline]] inline T read_relaxed(KernelAddr address)
{
    T value;
#if defined(__aarch64__)
    if constexpr (sizeof(T) == 1)
        asm volatile(TENON_DEVICE_ACCESS("ldrb %w0, [%1]") : "=r"(value) : "r"(address.value()));
    else if constexpr (sizeof(T) == 2)
        asm volatile(TENON_DEVICE_ACCESS("ldrh %w0, [%1]") : "=r"(value) : "r"(address.value()));
    else if constexpr (sizeof(T) == 4)
        asm volatile(TENON_DEVICE_ACCESS("ldr %w0, [%1]") : "=r"(value) : "r"(address.value()));
    else
        asm volatile(TENON_DEVICE_ACCESS("ldr %0, [%1]") : "=r"(value) : "r"(address.value()));
#elif defined(__x86_64__)
    asm volatile(TENON_DEVICE_ACCESS("mov (%1), %0") : "=q"(value) : "r"(address.value()));
#else
#error "device accesses are not written for this machine"
#endif
    return value;
}

template <Register T>
[[gnu::always_inline]] inline void write_relaxed(KernelAddr address, std::type_identity_t<T> value)
{
#if defined(__aarch64__)
    if constexpr (sizeof(T) == 1)
        asm volatile(TENON_DEVICE_ACCESS("strb %w0, [%1]") ::"rZ"(value), "r"(address.value()));
    else if constexpr (sizeof(T) == 2)
        asm volatile(TENON_DEVICE_ACCESS("strh %w0, [%1]") ::"rZ"(value), "r"(address.value()));
    else if constexpr (sizeof(T) == 4)
        asm volatile(TENON_DEVICE_ACCESS("str %w0, [%1]") ::"rZ"(value), "r"(address.value()));
    else
        asm volatile(TENON_DEVICE_ACCESS("str %x0, [%1]") ::"rZ"(value), "r"(address.value()));
#elif defined(__x86_64__)
    asm volatile(TENON_DEVICE_ACCESS("mov %0, (%1)") ::"q"(value), "r"(address.value()));
#endif
}

template <Register T>
[[gnu::always_inline]] inline T read(KernelAddr address)
{
    const T value = read_relaxed<T>(address);
#if defined(__aarch64__)
    asm volatile("dmb oshld" ::: "memory");
#else
    asm volatile("lfence" ::: "memory");
#endif
    return value;
}

template <Register T>
[[gnu::always_inline]] inline void write(KernelAddr address, std::type_identity_t<T> value)
{
#if defined(__aarch64__)
    asm volatile("dmb osh" ::: "memory");
#else
    asm volatile("mfence" ::: "memory");
#endif
    write_relaxed<T>(address, value);
}

}  // namespace tenon::io
