#include "module/elf/crel.h"

#include <type_traits>

namespace tenon::elf {
namespace {

constexpr u8 more_follows = 0x80;
constexpr u64 sign = 0x40;
constexpr u8 symbol_differs = 1, type_differs = 2, addend_differs = 4;

}  // namespace

std::optional<CrelReader> CrelReader::open(std::span<const std::byte> section)
{
    constexpr u64 header_addends = 4;
    CrelReader reader;
    reader.bytes_ = section;
    const auto header = reader.unsigned_number();
    if (!header || *header / 8 > reader.bytes_.size())
        return std::nullopt;
    reader.remaining_ = *header / 8;
    reader.has_addends_ = (*header & header_addends) != 0;
    reader.shift_ = static_cast<unsigned>(*header % header_addends);
    return reader;
}

std::optional<u8> CrelReader::byte()
{
    if (bytes_.empty())
        return std::nullopt;
    const u8 value = static_cast<u8>(bytes_.front());
    bytes_ = bytes_.subspan(1);
    return value;
}

// The groups of seven bits, lowest first. Of the tenth, which has one bit left, `may_end_with` says what is no loss.
template <typename Last>
std::optional<CrelReader::Number> CrelReader::number(Last&& may_end_with)
{
    Number number;
    while (number.width < 64) {
        const auto next = byte();
        if (!next)
            return std::nullopt;
        const u64 bits = *next & (more_follows - 1);
        if (number.width == 63 && !may_end_with(bits))
            return std::nullopt;
        number.value |= bits << number.width;
        number.width += 7;
        number.negative = (bits & sign) != 0;
        if ((*next & more_follows) == 0)
            return number;
    }
    return std::nullopt;
}

std::optional<u64> CrelReader::unsigned_number()
{
    const auto found = number([](u64 last) { return last <= 1; });
    return found ? std::optional(found->value) : std::nullopt;
}

std::optional<u64> CrelReader::signed_number()
{
    const auto found = number([](u64 last) { return last == 0 || last == more_follows - 1; });
    if (!found)
        return std::nullopt;
    return found->negative && found->width < 64 ? found->value | ~u64{0} << found->width : found->value;
}

std::optional<Rela> CrelReader::next()
{
    const auto first = byte();
    if (!first)
        return std::nullopt;
    const unsigned flag_bits = has_addends_ ? 3 : 2;
    offset_ += (*first & (more_follows - 1u)) >> flag_bits;
    if ((*first & more_follows) != 0) {
        const auto rest = unsigned_number();
        if (!rest)
            return std::nullopt;
        offset_ += *rest << (7 - flag_bits);
    }
    const auto advance = [this](auto& field) {
        const auto difference = signed_number();
        if (difference)
            field += static_cast<std::remove_reference_t<decltype(field)>>(*difference);
        return difference.has_value();
    };
    if (((*first & symbol_differs) != 0 && !advance(symbol_)) || ((*first & type_differs) != 0 && !advance(type_)) ||
        (has_addends_ && (*first & addend_differs) != 0 && !advance(addend_)))
        return std::nullopt;
    --remaining_;
    return Rela{offset_ << shift_, u64{symbol_} << 32 | type_, static_cast<i64>(addend_)};
}

}  // namespace tenon::elf
