#include "kernel/module/kernel_exports.h"

#include <memory>
#include <new>
#include <span>

namespace tenon {
namespace {

struct KernelExport {
    u64 address;
    u32 hash;  // elf::name_hash of the name
    u32 name;  // offset in kernel_export_names
};

// Defined by the assembly that mk/exports.cpp writes.
extern "C" const u32 kernel_exports_count;
extern "C" const KernelExport kernel_exports[];
extern "C" const char kernel_export_names[];

}  // namespace

Result<> register_kernel_exports(modreg::Registry& registry)
{
    // Nodes of the symbol table; they stay for ever.
    const std::span<const KernelExport> table(kernel_exports, kernel_exports_count);
    std::unique_ptr<ExportedSymbol[]> symbols(new (std::nothrow) ExportedSymbol[table.size()]);
    if (!symbols)
        return fail(Errno::nomem);
    for (usize index = 0; index < table.size(); ++index)
        symbols[index] = {.value = table[index].address,
                          .name = kernel_export_names + table[index].name,
                          .next = nullptr,
                          .owner = nullptr,
                          .hash = table[index].hash,
                          .flags = 0};
    TRY(registry.add_kernel_symbols({symbols.get(), table.size()}));
    static_cast<void>(symbols.release());
    return {};
}

}  // namespace tenon
