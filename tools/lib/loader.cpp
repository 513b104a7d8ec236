#include "tools/lib/loader.h"

#include <cstring>
#include <string_view>
#include <vector>

#include "module/elf/metadata_view.h"
#include "tools/lib/kernel_modules.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_file.h"
#include "tools/lib/syscalls.h"

namespace tenon::tools {

namespace {

constexpr u64 flag_alloc = 0x2;

unsigned load_flags(ForceLoad force)
{
    return (force.modversion ? load_ignore_modversions : 0) | (force.vermagic ? load_ignore_vermagic : 0);
}

// Without its SHF_ALLOC flag the kernel does not look at __versions.
void strip_modversion(std::span<std::byte> image, const elf::MetadataView& view)
{
    const auto offset = view.versions_flags_offset();
    if (!offset)
        return;
    const std::size_t width = view.is_64() ? 8 : 4;
    const std::size_t lowest = view.swapped() ? width - 1 : 0;
    image[*offset + lowest] &= ~std::byte{flag_alloc};
}

// Blanks the vermagic entry of .modinfo.
void strip_vermagic(std::span<std::byte> image, const elf::MetadataView& view)
{
    for (const auto& entry : view.modinfo()) {
        if (entry.key != "vermagic")
            continue;
        const auto* start = reinterpret_cast<const std::byte*>(entry.key.data());
        const std::size_t length = entry.key.size() + 1 + entry.value.size();
        std::memset(image.data() + (start - image.data()), 0, length);
        return;
    }
}

// The old system call knows no flags: what it must not check is taken out of a copy.
Result<> load_image(std::span<const std::byte> image, const std::string& parameters, ForceLoad force)
{
    if (!force.any())
        return init_module(image, parameters);
    std::vector<std::byte> copy(image.begin(), image.end());
    const auto view = TRY(elf::MetadataView::parse(copy));
    if (force.modversion)
        strip_modversion(copy, view);
    if (force.vermagic)
        strip_vermagic(copy, view);
    return init_module(copy, parameters);
}

}  // namespace

Result<> load_module(const std::string& path, const std::string& parameters, ForceLoad force)
{
    ModuleFile file;
    TRY(file.open(path));
    const Compression compression = file.compression();
    unsigned flags = load_flags(force);
    const bool packed = compression != Compression::none;
    if (packed)
        flags |= load_compressed_file;
    if (!packed || kernel_compression() == compression_name(compression)) {
        const auto result = finit_module(file.descriptor(), parameters, flags);
        const bool unavailable =
            !result && (result.error() == Errno::nosys || (packed && result.error() == Errno::opnotsupp));
        if (!unavailable && !(packed && result == Result<>(fail(Errno::inval))))
            return result;
        // A kernel that unpacks says no more of a damaged file than of a wrong parameter.
        if (!unavailable)
            return file.unpack() ? result : fail(Errno::noexec);
    }
    const auto image = file.image();
    if (!image)
        return fail(packed && image.error() == Errno::inval ? Errno::noexec : image.error());
    return load_image(*image, parameters, force);
}

}  // namespace tenon::tools
