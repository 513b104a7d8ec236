// retype OBJECT: gives the relocation at each symbol type_<number>_<anything> that type, in place, and fails when there is none. For types that the
// assembler and GNU ld have no name for.

#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "module/elf/object_view.h"

namespace {

using namespace tenon;

std::optional<u32> type_of(std::string_view symbol)
{
    constexpr std::string_view prefix = "type_";
    if (!symbol.starts_with(prefix))
        return std::nullopt;
    symbol.remove_prefix(prefix.size());
    u32 type = 0;
    const auto [end, error] = std::from_chars(symbol.data(), symbol.data() + symbol.size(), type);
    const bool is_number = error == std::errc() && end != symbol.data() + symbol.size() && *end == '_';
    return is_number ? std::optional(type) : std::nullopt;
}

const elf::Rela* relocation_at(const elf::ObjectView& view, const elf::Symbol& symbol)
{
    for (u32 index = 1; index < view.sections().size(); ++index) {
        const elf::SectionHeader& section = view.section(index);
        if (!section.is(elf::SectionType::rela) || section.info != symbol.section)
            continue;
        for (const elf::Rela& rela : view.relocations(index))
            if (rela.offset == symbol.value)
                return &rela;
    }
    return nullptr;
}

// Whether every such symbol had a relocation.
bool retype(std::vector<std::byte>& object)
{
    elf::FirstReason reasons;
    const auto view = elf::ObjectView::parse(object, reasons);
    if (!view) {
        std::fprintf(stderr, "retype: %s\n", std::string(reasons.view()).c_str());
        return false;
    }
    for (const elf::Symbol& symbol : view->symbols()) {
        const std::string name(view->symbol_name(symbol));
        const std::optional<u32> type = type_of(name);
        if (!type)
            continue;
        const elf::Rela* const rela = relocation_at(*view, symbol);
        if (rela == nullptr) {
            std::fprintf(stderr, "retype: no relocation at %s\n", name.c_str());
            return false;
        }
        // The type is the low half of the little-endian word.
        std::memcpy(object.data() + (reinterpret_cast<const std::byte*>(&rela->info) - object.data()), &*type, sizeof(*type));
    }
    return true;
}

}  // namespace

int main(int count, char** arguments)
{
    if (count != 2)
        return 2;
    std::fstream file(arguments[1], std::ios::binary | std::ios::in | std::ios::out);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto bytes = std::as_bytes(std::span(text));
    std::vector<std::byte> object(bytes.begin(), bytes.end());
    if (!retype(object))
        return 1;
    file.clear();
    file.seekp(0);
    file.write(reinterpret_cast<const char*>(object.data()), static_cast<std::streamsize>(object.size()));
    return file.flush() ? 0 : 1;
}
