#pragma once

#include <optional>
#include <string_view>

#include "kernel/lib/types.h"

// The kernel's own symbols, from the table that the build makes of the linked kernel (mk/kallsyms.cpp).

namespace tenon::kallsyms {

struct Symbol {
    std::string_view name;
    u64 address;
    char type;  // as nm prints it
};

u32 count();
Symbol at(u32 index);  // ascending addresses
// The last symbol at or below the address, when it lies in the kernel's image.
std::optional<Symbol> find(u64 address);

// Resolves addresses outside the kernel's image: the loader sets it, for panic's backtraces. Called in every context, must not lock.
struct ModuleSymbol {
    std::string_view name;
    std::string_view module;
    u64 address;
};
using ModuleResolver = std::optional<ModuleSymbol> (*)(u64 address);
void set_module_resolver(ModuleResolver resolver);
std::optional<ModuleSymbol> find_in_modules(u64 address);

}  // namespace tenon::kallsyms
