// Parse, lay out, resolve and apply whatever the fuzzer makes of a module, for both machines. The last byte of the input chooses the
// options; the rest is the file.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <modlink/modlink.h>

#include "module/elf/name_hash.h"

namespace {

enum Choice : unsigned { far = 1, avoid_erratum = 2, in_pieces = 4, report_all = 8, unresolved = 16, apart = 32 };

// Layouts may ask for more memory than a fuzzer may have.
constexpr std::uint64_t largest_region = 1 << 24;

bool is_small(const modlink::Output& layout)
{
    for (const modlink::Region& region : layout.regions)
        if (region.size > largest_region)
            return false;
    return true;
}

modlink::Options options_for(unsigned choice)
{
    modlink::Options options;
    options.far = (choice & far) != 0;
    options.avoid_erratum_843419 = (choice & avoid_erratum) != 0;
    options.in_pieces = (choice & in_pieces) != 0;
    options.report_all = (choice & report_all) != 0;
    if ((choice & apart) != 0)
        options.place = [](modlink::RegionKind kind, std::uint64_t, std::uint64_t) {
            return (static_cast<std::uint64_t>(kind) + 1) << 40;
        };
    options.resolve = [choice](std::string_view name) -> std::optional<std::uint64_t> {
        const std::uint32_t hash = tenon::elf::name_hash(name);
        if ((choice & unresolved) != 0 && hash % 4 == 0)
            return std::nullopt;
        return 0xffff800008000000 + hash;
    };
    return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const modlink::Options options = options_for(data[size - 1]);
    // A buffer of its own, of exactly this size, so that a read behind the file is seen.
    std::vector<std::byte> file(size - 1);
    if (size > 1)
        std::memcpy(file.data(), data, size - 1);
    if (is_small(modlink::layout(file, options)))
        modlink::link(file, options);
    return 0;
}
