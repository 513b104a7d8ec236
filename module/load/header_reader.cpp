#include "module/load/header_reader.h"

#include <cstring>

#include "kernel/lib/checked.h"

namespace tenon::modload {
namespace {

using modlink::Image;
using modlink::Region;

// Pointers of a header are checked before they are followed: the file may have been made by anything.
class HeaderReader {
public:
    HeaderReader(const Image& image, elf::Diagnostics& diagnostics) : image_(image), diagnostics_(diagnostics) {}

    // `count` objects of type T at `first`, inside one region.
    template <typename T>
    Result<std::span<T>> table(T* first, u32 count, const char* what)
    {
        if (count == 0)
            return std::span<T>();
        if (!contains(first, u64{count} * sizeof(T), alignof(T)))
            return diagnostics_.fail(Errno::noexec, "module header: {} at {:#x} are not inside the module", what,
                                     reinterpret_cast<u64>(first));
        return std::span<T>(first, count);
    }

    template <typename F>
    Result<F*> function(F* address, const char* what)
    {
        const auto region = image_.region_of(reinterpret_cast<u64>(address));
        if (address != nullptr && !(region && modlink::is_executable(*region)))
            return diagnostics_.fail(Errno::noexec, "module header: {} at {:#x} is not inside the module's code", what,
                                     reinterpret_cast<u64>(address));
        return address;
    }

private:
    bool contains(const void* first, u64 size, u64 alignment) const
    {
        const u64 address = reinterpret_cast<u64>(first);
        const auto region = image_.region_of(address);
        return region && is_aligned(address, alignment) &&
               range_fits(address - image_.block(*region)->place, size, image_.size(*region));
    }

    const Image& image_;
    elf::Diagnostics& diagnostics_;
};

Result<ModuleHeader> copy_header(u64 address, const Image& image, std::string_view name, elf::Diagnostics& diagnostics)
{
    const auto bytes = image.writable(address, sizeof(ModuleHeader));
    if (!bytes)
        return diagnostics.fail(Errno::noexec, "module header: shorter than {} bytes", sizeof(ModuleHeader));
    ModuleHeader header;
    std::memcpy(&header, bytes->data(), sizeof header);
    if (header.magic != ModuleHeader::expected_magic || header.size != sizeof header)
        return diagnostics.fail(Errno::noexec, "module header: magic {:#x}, size {}: not made for this kernel", header.magic,
                                header.size);
    if (header.name[sizeof header.name - 1] != '\0' || name != header.name)
        return diagnostics.fail(Errno::noexec, "module header: the name is not that of .modinfo");
    return header;
}

Result<> give_handle(void** slot, const Image& image, modreg::Module& module, elf::Diagnostics& diagnostics)
{
    const auto bytes = image.writable(reinterpret_cast<u64>(slot), sizeof(void*));
    if (!bytes)
        return diagnostics.fail(Errno::noexec, "module header: no place for the handle");
    ModuleHandle* const handle = &module;
    std::memcpy(bytes->data(), &handle, sizeof handle);
    return {};
}

}  // namespace

Result<StartUp> read_header(u64 address, const Image& image, modreg::Module& module, elf::Diagnostics& diagnostics)
{
    const ModuleHeader header = TRY(copy_header(address, image, module.name(), diagnostics));
    HeaderReader reader(image, diagnostics);
    StartUp start;
    start.constructors = TRY(reader.table(header.constructors, header.constructor_count, "constructors"));
    start.init = TRY(reader.function(header.init, "init"));

    module.exit = TRY(reader.function(header.exit, "exit"));
    module.exports = TRY(reader.table(header.exports, header.export_count, "exports"));
    module.gpl_exports = TRY(reader.table(header.gpl_exports, header.gpl_export_count, "exports"));
    const auto parameters = TRY(reader.table(header.parameters, header.parameter_count, "parameters"));
    module.parameters = modreg::ParameterSet(parameters);
    module.exceptions = TRY(reader.table(header.exceptions, header.exception_count, "exceptions"));
    module.symbols = TRY(reader.table(header.symbols, header.symbol_count, "symbols"));
    TRY(reader.table(header.symbol_names, header.symbol_names_size, "symbol names"));
    if (header.version != nullptr)
        TRY(reader.table(header.version, 1, "version"));
    if (header.source_version != nullptr)
        TRY(reader.table(header.source_version, 1, "source version"));

    module.symbol_names = header.symbol_names;
    module.version = header.version;
    module.source_version = header.source_version;
    module.has_init = header.init != nullptr;
    module.gpl_compatible = (header.flags & ModuleHeader::flag_gpl_compatible) != 0;
    module.in_tree = (header.flags & ModuleHeader::flag_in_tree) != 0;
    TRY(give_handle(header.handle, image, module, diagnostics));
    return start;
}

}  // namespace tenon::modload
