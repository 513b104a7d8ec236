// modpost NAME VERMAGIC intree|external OBJECT [LIBRARY]...
//
// Writes the assembly of the part of a module that only the whole of it can tell: .modinfo's name, vermagic and depends, the
// header structure (include/tenon/module_header.h), and the names of its functions for backtraces. OBJECT is
// everything else of the module, linked by mk/module.ld; the LIBRARYs are the same of the modules that it may need.

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "mk/modpost_object.h"
#include "module/elf/modinfo.h"
#include <tenon/module_header.h>

using namespace tenon;
using modpost::Object;

namespace {

void print(const char* format, const std::string& text)
{
    std::printf(format, text.c_str());
}

// Names of the modules among `libraries` that export something that `object` wants.
std::string dependencies(const Object& object, const std::vector<std::string>& libraries)
{
    const std::set<std::string> wanted = object.undefined();
    std::string list;
    for (const std::string& path : libraries) {
        const auto exported = path == object.path() ? std::set<std::string>() : Object(path).strings("__ksymtab_strings");
        if (std::any_of(exported.begin(), exported.end(), [&](const auto& name) { return wanted.contains(name); }))
            list += (list.empty() ? "" : ",") + modpost::module_name(path);
    }
    return list;
}

void write_modinfo(const Object& object, const std::string& name, const std::string& vermagic, bool in_tree,
                   const std::vector<std::string>& libraries)
{
    std::printf("\t.section .modinfo, \"a\"\n");
    // First, because the loader compares it on every load.
    print("\t.asciz \"vermagic=%s\"\n", vermagic);
    print("\t.asciz \"name=%s\"\n", name);
    if (in_tree)
        std::printf("\t.asciz \"intree=Y\"\n");
    print("\t.asciz \"depends=%s\"\n", dependencies(object, libraries));
    std::printf("\t.asciz \"srcversion=%016llX\"\n", static_cast<unsigned long long>(object.fingerprint()));
}

// The functions that stay, sorted by address, with readable names.
void write_symbols(const Object& object)
{
    std::string names;
    usize count = 0;
    usize offset = 0;
    std::printf("\t.section .rodata, \"a\"\n\t.balign 8\nhandle:\n\t.globl __dso_handle\n\t.hidden __dso_handle\n"
                "__dso_handle:\n\t.quad 0\nsymbols:\n");
    for (const auto& [address, symbol] : object.functions(".text")) {
        const std::string name = modpost::readable(symbol);
        std::printf("\t.long 0x%llx, %zu\n", static_cast<unsigned long long>(address), offset);
        names += "\t.asciz \"" + name + "\"\n";
        offset += name.size() + 1;
        ++count;
    }
    print("symbol_names:\n%s", names);
    std::printf("\t.equ symbol_count, %zu\n\t.equ symbol_names_size, %zu\n", count, offset);
}

void write_text(const char* label, const std::string& text)
{
    if (!text.empty())
        std::printf("%s:\n\t.asciz \"%s\"\n", label, text.c_str());
    else
        std::printf("\t.equ %s, 0\n", label);
}

// A label at the start of a table; nothing in the file when the module has no such table.
void write_table(const Object& object, const char* section, const char* label, const char* flags, usize entry_size)
{
    const usize size = object.section(section).size();
    if (size != 0)
        std::printf("\t.section %s, %s\n\t.balign 8\n%s:\n", section, flags, label);
    else
        std::printf("\t.equ %s, 0\n", label);
    std::printf("\t.equ %s_count, %zu\n", label, size / entry_size);
}

// The linker gives the module the properties that all its parts have. This one holds no code, so it has those of the rest.
void write_properties(const Object& object)
{
    const auto notes = object.section(".note.gnu.property");
    if (notes.empty())
        return;
    std::printf("\t.section .note.gnu.property, \"a\", %%note\n\t.balign 8\n");
    for (const std::byte byte : notes)
        std::printf("\t.byte %u\n", std::to_integer<unsigned>(byte));
}

void write_header(const Object& object, const std::string& name, bool in_tree)
{
    const auto defined = object.defined();
    const u32 flags = (elf::is_gpl_compatible(object.modinfo("license")) ? ModuleHeader::flag_gpl_compatible : 0) |
                      (in_tree ? ModuleHeader::flag_in_tree : 0);
    std::printf("\t.section .gnu.linkonce.this_module, \"aw\"\n\t.balign 8\n\t.long %u, %zu\n",
                ModuleHeader::expected_magic, sizeof(ModuleHeader));
    print("1:\t.ascii \"%s\"\n", name);
    std::printf("\t.zero %zu - (. - 1b)\n", ModuleHeader::name_capacity);
    print("\t.quad %s", defined.contains("init_module") ? "init_module" : "0");
    print(", %s", defined.contains("cleanup_module") ? "cleanup_module" : "0");
    std::printf(", handle, exports, gpl_exports, parameters, exceptions, constructors, symbols, symbol_names\n");
    std::printf("\t.quad %s, version, source_version\n", object.section(".text").empty() ? "0" : "text");
    std::printf("\t.long exports_count, gpl_exports_count, parameters_count, exceptions_count, constructors_count\n"
                "\t.long symbol_count, symbol_names_size, %u\n",
                flags);
}

}  // namespace

int main(int count, char** arguments)
{
    if (count < 5) {
        std::cerr << "usage: modpost NAME RELEASE intree|external OBJECT [LIBRARY]...\n";
        return 2;
    }
    const std::string name = modpost::module_name(arguments[1]);
    if (name.empty() || name.size() >= ModuleHeader::name_capacity) {
        std::cerr << "modpost: " << name << ": a module's name has 1 to " << ModuleHeader::name_capacity - 1 << " letters\n";
        return 1;
    }
    const bool in_tree = std::string(arguments[3]) == "intree";
    const Object object(arguments[4]);
    const std::vector<std::string> libraries(arguments + 5, arguments + count);

    write_modinfo(object, name, arguments[2], in_tree, libraries);
    write_symbols(object);
    write_text("version", object.modinfo("version"));
    std::printf("\t.equ source_version, 0\n");
    write_table(object, "__ksymtab", "exports", "\"aw\"", sizeof(ExportedSymbol));
    write_table(object, "__ksymtab_gpl", "gpl_exports", "\"aw\"", sizeof(ExportedSymbol));
    write_table(object, "__param", "parameters", "\"a\"", sizeof(Parameter));
    write_table(object, "__ex_table", "exceptions", "\"a\"", sizeof(ExceptionEntry));
    write_table(object, ".init_array", "constructors", "\"aw\", %init_array", sizeof(void*));
    if (!object.section(".text").empty())
        std::printf("\t.text\ntext:\n");
    write_properties(object);
    write_header(object, name, in_tree);
    return 0;
}
