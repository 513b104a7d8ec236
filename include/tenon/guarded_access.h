#pragma once

#include <type_traits>

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"

// Access to memory that may not be there: an address out of somebody's structure, a device that may be gone, a program's memory. A fault
// in one of these accesses ends as Errno::fault; any other fault in kernel code stops the kernel.

// For accesses of one's own: the assembly text of an instruction that may fault, and where to go on then. `label` is a label of
// `asm goto`. Each instruction makes an entry in the exception table of its module or of the kernel. A memory access, no jump.
//
//     asm goto(TENON_GUARDED("ldxr %0, %1", "%l[failed]") : "=r"(value) : "Q"(*address) : : failed);
#define TENON_GUARDED(instruction, label)                             \
    "1: " instruction "\n"                                            \
    "   .pushsection " TENON_EXCEPTION_SECTION ", \"a?\", %%progbits\n" \
    "   .balign 4\n"                                                  \
    "   .long 1b - ., " label " - .\n"                                \
    "   .popsection\n"
#ifdef MODULE
#define TENON_EXCEPTION_SECTION "__ex_table"
#else
#define TENON_EXCEPTION_SECTION ".ex_table"
#endif

namespace tenon {

template <typename T>
concept GuardedValue = std::is_trivially_copyable_v<T> && (std::is_integral_v<T> || std::is_enum_v<T> || std::is_pointer_v<T>);

// One load of a kernel address, not torn. Errno::fault, also for every user address. In every context.
template <GuardedValue T>
[[gnu::always_inline]] inline Result<T> guarded_load(const volatile T* address)
{
    T value;
#if defined(__aarch64__)
    if constexpr (sizeof(T) == 1)
        asm goto(TENON_GUARDED("ldrb %w0, %1", "%l[failed]") : "=r"(value) : "Q"(*address) : : failed);
    else if constexpr (sizeof(T) == 2)
        asm goto(TENON_GUARDED("ldrh %w0, %1", "%l[failed]") : "=r"(value) : "Q"(*address) : : failed);
    else if constexpr (sizeof(T) == 4)
        asm goto(TENON_GUARDED("ldr %w0, %1", "%l[failed]") : "=r"(value) : "Q"(*address) : : failed);
    else
        asm goto(TENON_GUARDED("ldr %0, %1", "%l[failed]") : "=r"(value) : "Q"(*address) : : failed);
#elif defined(__x86_64__)
    asm goto(TENON_GUARDED("mov %1, %0", "%l[failed]") : "=q"(value) : "m"(*address) : : failed);
#else
#error "guarded accesses are not written for this machine"
#endif
    return value;
failed:
    return fail(Errno::fault);
}

// One store to a kernel address, not torn.
template <GuardedValue T>
[[gnu::always_inline]] inline Result<> guarded_store(volatile T* address, std::type_identity_t<T> value)
{
#if defined(__aarch64__)
    if constexpr (sizeof(T) == 1)
        asm goto(TENON_GUARDED("strb %w1, %0", "%l[failed]") : : "Q"(*address), "r"(value) : "memory" : failed);
    else if constexpr (sizeof(T) == 2)
        asm goto(TENON_GUARDED("strh %w1, %0", "%l[failed]") : : "Q"(*address), "r"(value) : "memory" : failed);
    else if constexpr (sizeof(T) == 4)
        asm goto(TENON_GUARDED("str %w1, %0", "%l[failed]") : : "Q"(*address), "r"(value) : "memory" : failed);
    else
        asm goto(TENON_GUARDED("str %1, %0", "%l[failed]") : : "Q"(*address), "r"(value) : "memory" : failed);
#elif defined(__x86_64__)
    asm goto(TENON_GUARDED("mov %1, %0", "%l[failed]") : : "m"(*address), "q"(value) : "memory" : failed);
#endif
    return {};
failed:
    return fail(Errno::fault);
}

namespace detail {

// The upper half of the address space is the kernel's; between the halves there is nothing.
inline bool is_in_user_half(UserAddr address, usize size)
{
    constexpr u64 kernel_half = u64{1} << 63;
    return address.value() < kernel_half && size <= kernel_half - address.value();
}

}  // namespace detail

// The same for memory of the program whose system call is running, with that program's rights. May block.
template <GuardedValue T>
[[gnu::always_inline]] inline Result<T> load_from_user(UserAddr address)
{
    if (!detail::is_in_user_half(address, sizeof(T)))
        return fail(Errno::fault);
#if defined(__aarch64__)
    T value;
    if constexpr (sizeof(T) == 1)
        asm goto(TENON_GUARDED("ldtrb %w0, [%1]", "%l[failed]") : "=r"(value) : "r"(address.value()) : "memory" : failed);
    else if constexpr (sizeof(T) == 2)
        asm goto(TENON_GUARDED("ldtrh %w0, [%1]", "%l[failed]") : "=r"(value) : "r"(address.value()) : "memory" : failed);
    else if constexpr (sizeof(T) == 4)
        asm goto(TENON_GUARDED("ldtr %w0, [%1]", "%l[failed]") : "=r"(value) : "r"(address.value()) : "memory" : failed);
    else
        asm goto(TENON_GUARDED("ldtr %0, [%1]", "%l[failed]") : "=r"(value) : "r"(address.value()) : "memory" : failed);
    return value;
failed:
    return fail(Errno::fault);
#else
    return guarded_load(reinterpret_cast<const volatile T*>(address.value()));
#endif
}

template <GuardedValue T>
[[gnu::always_inline]] inline Result<> store_to_user(UserAddr address, T value)
{
    if (!detail::is_in_user_half(address, sizeof(T)))
        return fail(Errno::fault);
#if defined(__aarch64__)
    if constexpr (sizeof(T) == 1)
        asm goto(TENON_GUARDED("sttrb %w1, [%0]", "%l[failed]") : : "r"(address.value()), "r"(value) : "memory" : failed);
    else if constexpr (sizeof(T) == 2)
        asm goto(TENON_GUARDED("sttrh %w1, [%0]", "%l[failed]") : : "r"(address.value()), "r"(value) : "memory" : failed);
    else if constexpr (sizeof(T) == 4)
        asm goto(TENON_GUARDED("sttr %w1, [%0]", "%l[failed]") : : "r"(address.value()), "r"(value) : "memory" : failed);
    else
        asm goto(TENON_GUARDED("sttr %1, [%0]", "%l[failed]") : : "r"(address.value()), "r"(value) : "memory" : failed);
    return {};
failed:
    return fail(Errno::fault);
#else
    return guarded_store(reinterpret_cast<volatile T*>(address.value()), value);
#endif
}

}  // namespace tenon
