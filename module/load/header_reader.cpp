#include "module/load/header_reader.h"

#include <algorithm>
#include <cstring>

#include "module/elf/pieces.h"
#include "module/load/exceptions.h"
#include "module/load/parameter_check.h"
#include "module/load/table_reader.h"

namespace tenon::modload {
namespace {

using elf::entries_between_pauses;
using modlink::Image;
using modlink::Region;

Result<> copy_header(u64 address, const Image& image, std::string_view name, ModuleHeader& header, elf::Diagnostics& diagnostics)
{
    const auto bytes = image.writable(address, sizeof(ModuleHeader));
    if (!bytes)
        return diagnostics.fail(Errno::noexec, "module header: shorter than {} bytes", sizeof(ModuleHeader));
    std::memcpy(&header, bytes->data(), sizeof header);
    if (header.magic != ModuleHeader::expected_magic || header.size != sizeof header)
        return diagnostics.fail(Errno::noexec, "module header: magic {:#x}, size {}: not made for this kernel", header.magic,
                                header.size);
    if (header.name[sizeof header.name - 1] != '\0' || name != header.name)
        return diagnostics.fail(Errno::noexec, "module header: the name is not that of .modinfo");
    return {};
}

// In constant memory, so that nobody changes it later.
Result<> give_handle(void** slot, const Image& image, modreg::Module& module, TableReader& reader)
{
    TRY(reader.table(slot, 1, constant_home, "module header: the place for the handle"));
    static_assert(constant_home.contains(Region::rodata));
    const modlink::RegionBlock& block = *image.block(Region::rodata);
    void* const bytes = block.bytes.subspan(static_cast<usize>(reinterpret_cast<u64>(slot) - block.place), sizeof(void*)).data();
    *static_cast<ModuleHandle**>(bytes) = &module;
    return {};
}

// Names and values; enters the names' hashes.
Result<std::span<ExportedSymbol>> read_exports(ExportedSymbol* first, u32 count, TableReader& reader)
{
    const std::span<ExportedSymbol> exports = TRY(reader.table(first, count, variable_home, "module header: exports"));
    usize index = 0;
    for (ExportedSymbol& symbol : exports) {
        if (++index % entries_between_pauses == 0) [[unlikely]]
            TRY(reader.diagnostics().pause_point());
        symbol.hash = TRY(reader.hashed_text(symbol.name, constant_home, "the name of an export")).hash;
        TRY(reader.check_core_place(symbol.value, "the value of an export"));
    }
    return exports;
}

// Offsets and names ascend, so that a search finds its way and no two names share their bytes. Looked at from the end, where the limits
// are known: what is below the one behind is inside the tables.
Result<> check_order(std::span<const ModuleSymbol> symbols, std::span<const char> names, u64 text_size, elf::Diagnostics& diagnostics)
{
    const auto refuse = [&](usize index) {
        return diagnostics.fail(Errno::noexec, "module header: symbol {} (offset {:#x}, name {:#x}) is out of order", index,
                                symbols[index].offset, symbols[index].name);
    };
    const char* const name_bytes = names.data();
    const ModuleSymbol* symbol = symbols.data() + symbols.size();
    u64 offset_limit = text_size;
    u64 end_limit = names.empty() || names.back() != '\0' ? 0 : names.size() - 1;  // of where the name before a symbol's ends
    while (symbol != symbols.data() + 1) {
        const usize piece = std::min(static_cast<usize>(symbol - symbols.data()) - 1, entries_between_pauses);
        for (const ModuleSymbol* const stop = symbol - piece; symbol != stop;) {
            --symbol;
            const u64 end = u64{symbol->name} - 1;
            if (end >= end_limit || name_bytes[end] != '\0' || symbol->offset > offset_limit) [[unlikely]]
                return refuse(static_cast<usize>(symbol - symbols.data()));
            end_limit = end;
            offset_limit = symbol->offset;
        }
        TRY(diagnostics.pause_point());
    }
    const u64 first = symbols.front().name;
    const bool starts = first == 0 ? !names.empty() && names.back() == '\0' : first - 1 < end_limit && name_bytes[first - 1] == '\0';
    if (!starts || symbols.front().offset > offset_limit)
        return refuse(0);
    return {};
}

Result<> read_symbols(const ModuleHeader& header, const Image& image, modreg::Module& module, TableReader& reader)
{
    const auto symbols = TRY(reader.table(header.symbols, header.symbol_count, constant_home, "module header: symbols"));
    const auto names = TRY(reader.table(header.symbol_names, header.symbol_names_size, constant_home, "module header: symbol names"));
    if (!symbols.empty())
        TRY(check_order(symbols, names, image.size(Region::text), reader.diagnostics()));
    module.symbols = symbols;
    module.symbol_names = names.data();
    return {};
}

Result<std::span<void (*const)()>> read_constructors(const ModuleHeader& header, TableReader& reader)
{
    const auto table = TRY(reader.table(header.constructors, header.constructor_count, init_tables, "module header: constructors"));
    usize index = 0;
    for (void (*const constructor)() : table) {
        if (++index % entries_between_pauses == 0)
            TRY(reader.diagnostics().pause_point());
        if (constructor == nullptr)
            return reader.diagnostics().fail(Errno::noexec, "module header: constructor {} is null", index - 1);
        TRY(reader.function(constructor, any_code, "a constructor"));
    }
    return table;
}

bool overlap(std::span<ExportedSymbol> a, std::span<ExportedSymbol> b)
{
    return a.data() < b.data() + b.size() && b.data() < a.data() + a.size();
}

// What stays as long as the module does. The loader's own writes to constant memory (handle, order of the exceptions) come first.
Result<> read_tables(const ModuleHeader& header, const Image& image, modreg::Module& module, TableReader& reader)
{
    TRY(give_handle(header.handle, image, module, reader));
    module.exceptions = TRY(reader.table(header.exceptions, header.exception_count, constant_home, "module header: exceptions"));
    if (!module.exceptions.empty()) [[unlikely]]
        TRY(prepare_exceptions(module.exceptions, image, reader.diagnostics()));
    TRY(read_symbols(header, image, module, reader));
    const std::span<ExportedSymbol> exports[] = {TRY(read_exports(header.exports, header.export_count, reader)),
                                                 TRY(read_exports(header.gpl_exports, header.gpl_export_count, reader))};
    if (overlap(exports[0], exports[1]))
        return reader.diagnostics().fail(Errno::noexec, "module header: the tables of exports overlap");
    const auto parameters = TRY(reader.table(header.parameters, header.parameter_count, constant_home, "module header: parameters"));
    TRY(check_parameters(parameters, exports, reader));
    for (const char* const text : {header.version, header.source_version})
        if (text != nullptr)
            TRY(reader.text(text, constant_home, "module header: version"));
    module.exports = exports[0];
    module.gpl_exports = exports[1];
    module.parameters = modreg::ParameterSet(parameters);
    module.version = header.version;
    module.source_version = header.source_version;
    return {};
}

}  // namespace

Result<StartUp> read_header(u64 address, const Image& image, modreg::Module& module, elf::Diagnostics& diagnostics)
{
    ModuleHeader header;
    TRY(copy_header(address, image, module.name(), header, diagnostics));
    TableReader reader(image, diagnostics);
    TRY(read_tables(header, image, module, reader));
    StartUp start;
    start.constructors = TRY(read_constructors(header, reader));
    start.init = TRY(reader.function(header.init, any_code, "module header: init"));
    module.exit = TRY(reader.function(header.exit, core_code, "module header: exit"));
    module.has_init = header.init != nullptr;
    module.gpl_compatible = (header.flags & ModuleHeader::flag_gpl_compatible) != 0;
    module.in_tree = (header.flags & ModuleHeader::flag_in_tree) != 0;
    return start;
}

}  // namespace tenon::modload
