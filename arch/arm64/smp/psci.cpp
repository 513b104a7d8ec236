#include "arch/arm64/smp/psci.h"

#include <string_view>

#include "arch/arm64/boot/device_tree.h"
#include "kernel/arch.h"
#include "kernel/device_tree/fdt.h"

namespace tenon::arch {

namespace psci {
namespace {

enum class Conduit : u8 { none, hvc, smc };

constinit Conduit conduit = Conduit::none;

constexpr u64 cpu_off = 0x8400'0002;
constexpr u64 cpu_on = 0xc400'0003;
constexpr u64 system_off_function = 0x8400'0008;
constexpr u64 system_reset_function = 0x8400'0009;

i64 call(u64 function, u64 first = 0, u64 second = 0, u64 third = 0)
{
    register u64 x0 asm("x0") = function;
    register u64 x1 asm("x1") = first;
    register u64 x2 asm("x2") = second;
    register u64 x3 asm("x3") = third;
    // SMC Calling Convention (DEN0028): x0 to x17 may be lost.
    if (conduit == Conduit::hvc)
        asm volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
                     "x12", "x13", "x14", "x15", "x16", "x17", "memory");
    else if (conduit == Conduit::smc)
        asm volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
                     "x12", "x13", "x14", "x15", "x16", "x17", "memory");
    else
        return -1;
    return static_cast<i64>(x0);
}

}  // namespace

Result<> initialise()
{
    const void* tree = device_tree_blob();
    const int node = fdt::path_offset(tree, "/psci");
    const void* method = node < 0 ? nullptr : fdt::getprop(tree, node, "method", nullptr);
    if (method == nullptr)
        return fail(Errno::nodev);
    conduit = std::string_view(static_cast<const char*>(method)) == "smc" ? Conduit::smc : Conduit::hvc;
    return {};
}

Result<> start_cpu(u64 hardware_id, PhysAddr entry, u64 argument)
{
    if (call(cpu_on, hardware_id, entry.value(), argument) != 0)
        return fail(Errno::io);
    return {};
}

void switch_off_this_cpu()
{
    call(cpu_off);
}

void system_off()
{
    call(system_off_function);
}

void system_reset()
{
    call(system_reset_function);
}

}  // namespace psci

void power_off()
{
    psci::system_off();
    halt();
}

void restart()
{
    psci::system_reset();
    halt();
}

}  // namespace tenon::arch
