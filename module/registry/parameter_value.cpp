#include "module/registry/parameter_value.h"

#include <charconv>
#include <limits>

#include "kernel/lib/panic.h"

namespace tenon::modreg {
namespace {

struct Number {
    bool negative = false;
    u64 magnitude = 0;
};

Result<Number> parse_number(std::string_view text)
{
    Number number;
    if (text.starts_with('-') || text.starts_with('+')) {
        number.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    int base = 10;
    if (text.size() > 1 && text.front() == '0') {
        base = (text[1] | 0x20) == 'x' ? 16 : 8;
        text.remove_prefix(base == 16 ? 2 : 1);
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number.magnitude, base);
    if (error == std::errc::result_out_of_range)
        return fail(Errno::range);
    if (error != std::errc() || end != text.data() + text.size())
        return fail(Errno::inval);
    return number;
}

template <typename T>
Result<> store_number(void* target, std::string_view text)
{
    const Number number = TRY(parse_number(text));
    using Limits = std::numeric_limits<T>;
    if constexpr (std::is_signed_v<T>) {
        const u64 limit = static_cast<u64>(Limits::max()) + (number.negative ? 1 : 0);
        if (number.magnitude > limit)
            return fail(Errno::range);
        *static_cast<T*>(target) = static_cast<T>(number.negative ? -number.magnitude : number.magnitude);
    } else {
        if (number.negative)
            return fail(Errno::inval);
        if (number.magnitude > Limits::max())
            return fail(Errno::range);
        *static_cast<T*>(target) = static_cast<T>(number.magnitude);
    }
    return {};
}

// By the first letter, or the first two: y, yes, t, true, 1, on; n, no, f, false, 0, off.
Result<> store_bool(bool& target, std::string_view text, bool inverted)
{
    const auto letter = [&](usize index) { return index < text.size() ? static_cast<char>(text[index] | 0x20) : '\0'; };
    bool value;
    if (letter(0) == 'y' || letter(0) == 't' || text.starts_with('1') || (letter(0) == 'o' && letter(1) == 'n'))
        value = true;
    else if (letter(0) == 'n' || letter(0) == 'f' || text.starts_with('0') || (letter(0) == 'o' && letter(1) == 'f'))
        value = false;
    else
        return fail(Errno::inval);
    target = value != inverted;
    return {};
}

template <typename T>
const T& as(const void* target)
{
    return *static_cast<const T*>(target);
}

}  // namespace

Result<> store_value(ParameterKind kind, void* target, std::string_view text)
{
    switch (kind) {
    case ParameterKind::byte_: return store_number<unsigned char>(target, text);
    case ParameterKind::short_: return store_number<short>(target, text);
    case ParameterKind::ushort_: return store_number<unsigned short>(target, text);
    case ParameterKind::int_: return store_number<int>(target, text);
    case ParameterKind::hexint_:
    case ParameterKind::uint_: return store_number<unsigned>(target, text);
    case ParameterKind::long_: return store_number<long>(target, text);
    case ParameterKind::ulong_: return store_number<unsigned long>(target, text);
    case ParameterKind::ullong_: return store_number<unsigned long long>(target, text);
    case ParameterKind::bool_: return store_bool(*static_cast<bool*>(target), text, false);
    case ParameterKind::invbool_: return store_bool(*static_cast<bool*>(target), text, true);
    default: return fail(Errno::inval);
    }
}

void print_value(ParameterKind kind, const void* target, TextSink& out)
{
    switch (kind) {
    case ParameterKind::byte_: return format_to(out, "{}", as<unsigned char>(target));
    case ParameterKind::short_: return format_to(out, "{}", as<short>(target));
    case ParameterKind::ushort_: return format_to(out, "{}", as<unsigned short>(target));
    case ParameterKind::int_: return format_to(out, "{}", as<int>(target));
    case ParameterKind::uint_: return format_to(out, "{}", as<unsigned>(target));
    case ParameterKind::hexint_: return format_to(out, "{:#08x}", as<unsigned>(target));
    case ParameterKind::long_: return format_to(out, "{}", as<long>(target));
    case ParameterKind::ulong_: return format_to(out, "{}", as<unsigned long>(target));
    case ParameterKind::ullong_: return format_to(out, "{}", as<unsigned long long>(target));
    // As a byte: the module's file may have put anything there.
    case ParameterKind::bool_: return out.write(as<u8>(target) != 0 ? "Y" : "N");
    case ParameterKind::invbool_: return out.write(as<u8>(target) != 0 ? "N" : "Y");
    default: return;
    }
}

usize value_size(ParameterKind kind)
{
    switch (kind) {
    case ParameterKind::byte_: return sizeof(unsigned char);
    case ParameterKind::short_:
    case ParameterKind::ushort_: return sizeof(short);
    case ParameterKind::int_:
    case ParameterKind::hexint_:
    case ParameterKind::uint_: return sizeof(int);
    case ParameterKind::long_:
    case ParameterKind::ulong_: return sizeof(long);
    case ParameterKind::ullong_: return sizeof(long long);
    case ParameterKind::bool_:
    case ParameterKind::invbool_: return sizeof(bool);
    default: return sizeof(void*);
    }
}

}  // namespace tenon::modreg
