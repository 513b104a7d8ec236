#pragma once

#include "kernel/lib/types.h"

// The ELF64 structures and numbers that a relocatable object uses (System V ABI, generic part, chapter 4), little-endian
// as AArch64 and x86-64 use it. Structures are laid over bytes of a file; nothing here validates.

namespace tenon::elf {

inline constexpr u8 magic[4] = {0x7f, 'E', 'L', 'F'};
inline constexpr u8 class_64 = 2;
inline constexpr u8 data_little_endian = 1;
inline constexpr u8 version_current = 1;

enum class FileType : u16 { none = 0, relocatable = 1, executable = 2, shared = 3, core = 4 };

enum class Machine : u16 { none = 0, x86_64 = 62, aarch64 = 183 };

struct FileHeader {
    u8 ident[16];
    u16 type;
    u16 machine;
    u32 version;
    u64 entry;
    u64 program_offset;
    u64 section_offset;
    u32 flags;
    u16 header_size;
    u16 program_entry_size;
    u16 program_count;
    u16 section_entry_size;
    u16 section_count;
    u16 section_names;
};
static_assert(sizeof(FileHeader) == 64);

enum class SectionType : u32 {
    null = 0,
    progbits = 1,
    symtab = 2,
    strtab = 3,
    rela = 4,
    hash = 5,
    dynamic = 6,
    note = 7,
    nobits = 8,
    rel = 9,
    dynsym = 11,
    init_array = 14,
    fini_array = 15,
    preinit_array = 16,
    group = 17,
    symtab_shndx = 18,
    relr = 19,                // relative relocations of linked programs
    crel = 0x40000014,        // compact relocations
    android_rel = 0x60000001,  // relocations as Android's linkers pack them
    android_rela = 0x60000002,
    llvm_first = 0x6fff4c00,  // LLVM's types from here on: hints for linkers, none of them relocations
    llvm_addrsig = 0x6fff4c03,
    llvm_last = 0x6fff4cff,
    android_relr = 0x6fffff00,
    gnu_attributes = 0x6ffffff5,
    x86_64_unwind = 0x70000001,
    aarch64_attributes = 0x70000003,
    aarch64_auth_relr = 0x70000004,
};

inline constexpr u64 section_write = 0x1;
inline constexpr u64 section_alloc = 0x2;
inline constexpr u64 section_exec = 0x4;
inline constexpr u64 section_merge = 0x10;
inline constexpr u64 section_strings = 0x20;
inline constexpr u64 section_group = 0x200;
inline constexpr u64 section_tls = 0x400;
inline constexpr u64 section_compressed = 0x800;
inline constexpr u64 section_exclude = 0x80000000;

struct SectionHeader {
    u32 name;
    u32 type;
    u64 flags;
    u64 address;
    u64 offset;
    u64 size;
    u32 link;
    u32 info;
    u64 alignment;
    u64 entry_size;

    constexpr SectionType kind() const { return static_cast<SectionType>(type); }
    constexpr bool is(SectionType wanted) const { return kind() == wanted; }
    // With an addend in each entry, for the section that `info` names.
    constexpr bool relocates() const { return is(SectionType::rela) || is(SectionType::crel); }
    constexpr bool allocated() const { return (flags & section_alloc) != 0; }
    constexpr bool writable() const { return (flags & section_write) != 0; }
    constexpr bool executable() const { return (flags & section_exec) != 0; }
};
static_assert(sizeof(SectionHeader) == 64);

// Special section indices.
inline constexpr u16 index_undefined = 0;
inline constexpr u16 index_reserved = 0xff00;  // this and above are not section indices
inline constexpr u16 index_absolute = 0xfff1;
inline constexpr u16 index_common = 0xfff2;
inline constexpr u16 index_extended = 0xffff;

enum class SymbolBinding : u8 { local = 0, global = 1, weak = 2 };

enum class SymbolType : u8 { none = 0, object = 1, function = 2, section = 3, file = 4, common = 5, tls = 6, ifunc = 10 };

struct Symbol {
    u32 name;
    u8 info;
    u8 other;
    u16 section;
    u64 value;
    u64 size;

    constexpr SymbolBinding binding() const { return static_cast<SymbolBinding>(info >> 4); }
    constexpr SymbolType type() const { return static_cast<SymbolType>(info & 0xf); }
    constexpr bool undefined() const { return section == index_undefined; }
};
static_assert(sizeof(Symbol) == 24);

struct Rela {
    u64 offset;
    u64 info;
    i64 addend;

    constexpr u32 type() const { return static_cast<u32>(info); }
    constexpr u32 symbol() const { return static_cast<u32>(info >> 32); }
};
static_assert(sizeof(Rela) == 24);

}  // namespace tenon::elf
