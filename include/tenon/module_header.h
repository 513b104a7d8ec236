#pragma once

#include "kernel/lib/types.h"
#include <tenon/parameter.h>

// The structure in the section .gnu.linkonce.this_module of a module file. The build writes it (mk/modpost.cpp, mk/module.ld); the kernel
// finds everything else of the module from it and searches for no other section. Pointers are relocated like all others.

namespace tenon {

class ModuleHandle;

// An exported symbol, as EXPORT_SYMBOL emits it. It is a node of the kernel's symbol table while the module is loaded: the
// second half belongs to the registry. Lies in the module's data.
struct ExportedSymbol {
    u64 value;
    const char* name;
    ExportedSymbol* next;  // in the same bucket
    ModuleHandle* owner;   // null: the kernel
    u32 hash;              // elf::name_hash of the name
    u32 flags;
};
static_assert(sizeof(ExportedSymbol) == 40);

// An instruction that may fault on a user address, and where to go on then; both relative to their own place.
struct ExceptionEntry {
    i32 instruction;
    i32 fixup;
};

// The address that a field of an entry stands for.
inline u64 target(const i32& field)
{
    return reinterpret_cast<u64>(&field) + static_cast<u64>(i64{field});
}

// A function of the module for kallsyms and backtraces: offsets from the start of the text region, ascending.
struct ModuleSymbol {
    u32 offset;
    u32 name;  // in the string table, NUL-terminated
};

struct ModuleHeader {
    static constexpr u32 expected_magic = 0x6e6e6554;  // "Tenn"
    static constexpr usize name_capacity = 56;         // with the NUL, as Linux's MODULE_NAME_LEN

    static constexpr u32 flag_gpl_compatible = 1;
    static constexpr u32 flag_in_tree = 2;

    u32 magic;
    u32 size;  // sizeof(ModuleHeader): changes with the layout
    char name[name_capacity];
    int (*init)();  // null: none
    void (*exit)();
    void** handle;  // &__dso_handle: receives the module's handle
    ExportedSymbol* exports;
    ExportedSymbol* gpl_exports;
    const Parameter* parameters;
    const ExceptionEntry* exceptions;
    void (*const* constructors)();
    const ModuleSymbol* symbols;
    const char* symbol_names;
    const void* text;          // what symbol offsets count from
    const char* version;       // MODULE_VERSION; may be null
    const char* source_version;
    u32 export_count;
    u32 gpl_export_count;
    u32 parameter_count;
    u32 exception_count;
    u32 constructor_count;
    u32 symbol_count;
    u32 symbol_names_size;
    u32 flags;
};
static_assert(sizeof(ModuleHeader) == 200);

}  // namespace tenon
