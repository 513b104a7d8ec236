#include "module/load/exceptions.h"

#include <algorithm>

#include "module/elf/pieces.h"

namespace tenon::modload {
namespace {

using modlink::Image;
using modlink::Region;

bool is_code(const Image& image, u64 address)
{
    const auto region = image.region_of(address);
    return region && modlink::is_executable(*region);
}

// Both fields count from their own place. While the entries are sorted they count from the start of the table instead.
void shift(std::span<ExceptionEntry> entries, i32 sign)
{
    i32 offset = 0;
    for (ExceptionEntry& entry : entries) {
        entry.instruction += sign * offset;
        entry.fixup += sign * offset;
        offset += static_cast<i32>(sizeof(ExceptionEntry));
    }
}

}  // namespace

Result<> prepare_exceptions(std::span<const ExceptionEntry> table, const Image& image, elf::Diagnostics& diagnostics)
{
    TRY(in_pieces(table, elf::entries_between_pauses, diagnostics, [&](std::span<const ExceptionEntry> piece) -> Result<> {
        for (const ExceptionEntry& entry : piece)
            if (!is_code(image, target(entry.instruction)) || !is_code(image, target(entry.fixup)))
                return diagnostics.fail(Errno::noexec, "exception table: entry {} leads from {:#x} to {:#x}, which is not the module's code",
                                        &entry - table.data(), target(entry.instruction), target(entry.fixup));
        return {};
    }));
    const auto bytes = image.writable(reinterpret_cast<u64>(table.data()), table.size_bytes());
    if (!bytes)
        return diagnostics.fail(Errno::noexec, "exception table: not inside the module");
    const std::span entries(reinterpret_cast<ExceptionEntry*>(bytes->data()), table.size());
    shift(entries, 1);
    usize comparisons = 0;
    Result<> paused;
    std::sort(entries.begin(), entries.end(), [&](const ExceptionEntry& a, const ExceptionEntry& b) {
        if (++comparisons % elf::entries_between_pauses == 0)
            paused = diagnostics.pause_point();
        return a.instruction < b.instruction;
    });
    shift(entries, -1);
    return paused;
}

void drop_init_exceptions(Platform& platform, modreg::Module& module)
{
    const std::span<const ExceptionEntry> all = module.exceptions;
    const auto is_core = [&](const ExceptionEntry& entry) {
        return module.image.region_of(target(entry.instruction)) == Region::text;
    };
    // Sorted, so that those of one region stand together.
    const auto first = std::find_if(all.begin(), all.end(), is_core);
    const auto last = std::find_if_not(first, all.end(), is_core);
    module.exceptions = {first, last};
    if (module.exceptions.size() != all.size())
        platform.replace_exceptions(all, module.exceptions);
}

void release_image(Platform& platform, modreg::Module& module)
{
    if (!module.exceptions.empty())
        platform.replace_exceptions(module.exceptions, {});
    module.exceptions = {};
    module.image.release();
}

}  // namespace tenon::modload
