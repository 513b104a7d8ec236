// The first C++ code: everything between entry.S and kernel_main.

#include <new>

#include "arch/arm64/boot/device_tree.h"
#include "arch/arm64/boot/layout.h"
#include "arch/arm64/boot/symbols.h"
#include "arch/arm64/mm/boot_tables.h"
#include "arch/arm64/sanitizer/shadow_tables.h"
#include "arch/arm64/smp/cpu.h"
#include "kernel/lib/panic.h"
#include "kernel/log/early_console.h"
#include "kernel/main.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/layout.h"
#include "kernel/thread/thread.h"

static_assert(KERNEL_BASE == tenon::layout::kernel_base && KERNEL_SIZE == tenon::layout::kernel_size);
static_assert(PAGE_SIZE == tenon::page_size && STACK_SIZE == tenon::Thread::stack_size);

namespace tenon {
namespace {

constinit BootInfo info;

// booting.rst: the device tree is at most 2 MiB.
constexpr u64 device_tree_limit = 2 << 20;

extern "C" u8 has_privileged_access_never;

// FEAT_PAN; entry.S has switched it on.
u8 privileged_access_never()
{
    u64 features;
    asm("mrs %0, id_aa64mmfr1_el1" : "=r"(features));
    return (features >> 20 & 0xf) != 0 ? 1 : 0;
}

void run_constructors()
{
    using Constructor = void (*)();
    extern const Constructor start[] asm("init_array_start");
    extern const Constructor end[] asm("init_array_end");
    // As numbers: for the compiler two arrays never stand at the same place, but an empty table's ends do.
    const u64 count = (reinterpret_cast<u64>(end) - reinterpret_cast<u64>(start)) / sizeof(Constructor);
    for (u64 i = 0; i < count; ++i)
        start[i]();
}

}  // namespace

const BootInfo& boot_info()
{
    return info;
}

extern "C" [[noreturn]] void arch_start(u64 device_tree, u64 image, u64 entry_level)
{
    info.entry_counter = arch::counter();
    info.entry_level = static_cast<unsigned>(entry_level);
    arch::adopt_boot_cpu();
    has_privileged_access_never = privileged_access_never();
    info.image = {PhysAddr(image), PhysAddr(image) + static_cast<u64>(kernel_end - kernel_start)};
    info.reserved.add(info.image);
    info.device_tree.start = PhysAddr(device_tree);
    const void* tree = arch::map_early(info.device_tree.start, device_tree_limit, arch::EarlyMemory::normal);
    const auto read = arch::read_device_tree(tree, device_tree_limit, info);
    if (info.console.value() != 0)
        early_console::use(KernelAddr::of(arch::map_early(info.console, page_size, arch::EarlyMemory::device)));
    expect(read.has_value(), "the boot loader passed no usable device tree");
    arch::build_kernel_tables(info);
    early_console::use({});
    frames::initialise(info.memory.all(), info.reserved.all());
    if (info.console.value() != 0)
        early_console::map(info.console);
    if constexpr (shadow::is_kept) {
        arch::seal_shadow();
        shadow::start();
    }
    run_constructors();
    kernel_main();
}

}  // namespace tenon
