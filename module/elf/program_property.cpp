#include "module/elf/program_property.h"

#include "kernel/lib/bits.h"

namespace tenon::elf {
namespace {

constexpr usize largest_notes = 1024;
constexpr u64 alignment = 8;  // of properties and notes in ELF64 objects

struct NoteHeader {
    u32 name_size;
    u32 description_size;
    u32 type;
    u32 name;
};
static_assert(sizeof(NoteHeader) == 16);
constexpr u32 property_note = 5;     // NT_GNU_PROPERTY_TYPE_0
constexpr u32 vendor = 0x0055'4e47;  // "GNU" and its end

struct PropertyHeader {
    u32 type;
    u32 size;
};

// The features that one note gives in the property. The properties are aligned.
u32 features_in(std::span<const std::byte> properties, u32 type)
{
    u32 found = 0;
    while (properties.size() >= sizeof(PropertyHeader)) {
        const auto& header = *reinterpret_cast<const PropertyHeader*>(properties.data());
        if (header.size > properties.size() - sizeof(header))
            return 0;
        if (header.type == type && header.size == sizeof(u32))
            found = *reinterpret_cast<const u32*>(properties.data() + sizeof(header));
        const u64 next = align_up(sizeof(header) + u64{header.size}, alignment);
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
        if (notes.size() < sizeof(NoteHeader))
            return false;
        const auto& header = *reinterpret_cast<const NoteHeader*>(notes.data());
        if (header.name_size != sizeof(header.name) || header.name != vendor || header.type != property_note ||
            header.description_size > notes.size() - sizeof(header))
            return false;
        if ((features_in(notes.subspan(sizeof(header), header.description_size), type) & features) != features)
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
