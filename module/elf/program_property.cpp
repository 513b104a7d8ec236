#include "module/elf/program_property.h"

#include <cstring>
#include <optional>

#include "kernel/lib/checked.h"

namespace tenon::elf {
namespace {

constexpr usize largest_notes = 1024;
constexpr usize word = sizeof(u32);
constexpr u64 alignment = 8;  // of properties and notes in ELF64 objects

struct NoteHeader {
    u32 name_size;
    u32 description_size;
    u32 type;
    char name[4];
};
static_assert(sizeof(NoteHeader) == 16);
constexpr u32 property_note = 5;  // NT_GNU_PROPERTY_TYPE_0

// The features that one note gives in the property.
u32 features_in(std::span<const std::byte> properties, u32 type)
{
    u32 found = 0;
    while (properties.size() >= 2 * word) {
        const u32 size = load_le<u32>(properties.subspan(word));
        const auto data = checked_subspan(properties, 2 * word, size);
        if (!data)
            return 0;
        if (load_le<u32>(properties) == type && size == word)
            found = load_le<u32>(*data);
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
    if (notes.size() > largest_notes)
        return false;
    bool any = false;
    while (!notes.empty()) {
        NoteHeader header;
        if (notes.size() < sizeof(header))
            return false;
        std::memcpy(&header, notes.data(), sizeof(header));
        const auto properties = checked_subspan(notes, sizeof(header), header.description_size);
        if (header.name_size != sizeof(header.name) || std::memcmp(header.name, "GNU", sizeof(header.name)) != 0 ||
            header.type != property_note || !properties || (features_in(*properties, type) & features) != features)
            return false;
        any = true;
        const u64 next = align_up(sizeof(header) + u64{header.description_size}, alignment);
        if (next >= notes.size())
            break;
        notes = notes.subspan(static_cast<usize>(next));
    }
    return any;
}

}  // namespace tenon::elf
