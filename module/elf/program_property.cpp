#include "module/elf/program_property.h"

#include "kernel/lib/bits.h"

namespace tenon::elf {
namespace {

constexpr usize largest_notes = 1024;
constexpr u64 alignment = 8;  // of properties and notes in ELF64 objects

constexpr usize word = sizeof(u32);

// What a note begins with: the sizes of its name and of its description, its type, and the name.
constexpr usize header_size = 4 * word;
constexpr u32 name_size = 4;
constexpr u32 vendor = 0x0055'4e47;  // "GNU" and its end
constexpr u32 property_note = 5;     // NT_GNU_PROPERTY_TYPE_0

// The features that one note gives in the property.
u32 features_in(std::span<const std::byte> properties, u32 type)
{
    u32 found = 0;
    while (properties.size() >= 2 * word) {
        const u32 size = load_le<u32>(properties.subspan(word));
        if (size > properties.size() - 2 * word)
            return 0;
        if (load_le<u32>(properties) == type && size == word)
            found = load_le<u32>(properties.subspan(2 * word));
        const u64 next = align_up(2 * word + u64{size}, alignment);
        if (next >= properties.size())
            break;
        properties = properties.subspan(static_cast<usize>(next));
    }
    return found;
}

}  // namespace

// Notes of several objects may stand one after the other, when no linker has merged them.
bool has_features(std::span<const std::byte> notes, u32 type, u32 features)
{
    if (notes.size() > largest_notes || !is_aligned(reinterpret_cast<u64>(notes.data()), alignment))
        return false;
    bool any = false;
    while (!notes.empty()) {
        if (notes.size() < header_size)
            return false;
        const u32 size = load_le<u32>(notes.subspan(word));
        if (load_le<u32>(notes) != name_size || load_le<u32>(notes.subspan(2 * word)) != property_note ||
            load_le<u32>(notes.subspan(3 * word)) != vendor || size > notes.size() - header_size)
            return false;
        if ((features_in(notes.subspan(header_size, size), type) & features) != features)
            return false;
        any = true;
        const u64 next = align_up(header_size + u64{size}, alignment);
        if (next >= notes.size())
            break;
        notes = notes.subspan(static_cast<usize>(next));
    }
    return any;
}

}  // namespace tenon::elf
