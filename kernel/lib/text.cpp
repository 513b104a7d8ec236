#include "kernel/lib/text.h"

namespace tenon {
namespace {

struct Spec {
    char align = 0;  // '<', '>' or 0 for the kind's own side
    bool prefix = false;
    bool zero_fill = false;
    bool hexadecimal = false;
    bool upper_case = false;
    unsigned width = 0;
};

Spec parse_spec(std::string_view text)
{
    Spec spec;
    usize at = 0;
    const auto accept = [&](char wanted) {
        const bool found = at < text.size() && text[at] == wanted;
        at += found;
        return found;
    };
    accept(':');
    if (accept('<'))
        spec.align = '<';
    else if (accept('>'))
        spec.align = '>';
    spec.prefix = accept('#');
    spec.zero_fill = accept('0');
    while (at < text.size() && text[at] >= '0' && text[at] <= '9')
        spec.width = spec.width * 10 + static_cast<unsigned>(text[at++] - '0');
    spec.upper_case = accept('X');
    spec.hexadecimal = spec.upper_case || accept('x');
    return spec;
}

void pad(TextSink& sink, char fill, usize count)
{
    for (; count > 0; --count)
        sink.write({&fill, 1});
}

void write_padded(TextSink& sink, const Spec& spec, char default_align, std::string_view text)
{
    const usize missing = spec.width > text.size() ? spec.width - text.size() : 0;
    const char align = spec.align != 0 ? spec.align : default_align;
    if (align == '>')
        pad(sink, ' ', missing);
    sink.write(text);
    if (align == '<')
        pad(sink, ' ', missing);
}

void write_number(TextSink& sink, const Spec& spec, u64 magnitude, bool negative)
{
    char buffer[24];
    char* const end = buffer + sizeof(buffer);
    char* at = end;
    const unsigned base = spec.hexadecimal ? 16 : 10;
    const char* const letters = spec.upper_case ? "0123456789ABCDEF" : "0123456789abcdef";
    do {
        *--at = letters[magnitude % base];
        magnitude /= base;
    } while (magnitude != 0);

    char sign[4];
    usize sign_size = 0;
    if (negative)
        sign[sign_size++] = '-';
    if (spec.prefix) {
        sign[sign_size++] = '0';
        sign[sign_size++] = 'x';
    }
    const usize digits = static_cast<usize>(end - at);
    if (spec.zero_fill) {
        sink.write({sign, sign_size});
        if (spec.width > digits + sign_size)
            pad(sink, '0', spec.width - digits - sign_size);
        sink.write({at, digits});
        return;
    }
    while (sign_size > 0)
        *--at = sign[--sign_size];
    write_padded(sink, spec, '>', {at, static_cast<usize>(end - at)});
}

void write_argument(TextSink& sink, const Spec& spec, const TextArgument& argument)
{
    switch (argument.kind) {
    case TextArgument::Kind::text:
        write_padded(sink, spec, '<', argument.text);
        return;
    case TextArgument::Kind::character: {
        const char character = static_cast<char>(argument.number);
        write_padded(sink, spec, '<', {&character, 1});
        return;
    }
    case TextArgument::Kind::boolean:
        write_padded(sink, spec, '<', argument.number != 0 ? "true" : "false");
        return;
    case TextArgument::Kind::signed_number: {
        const bool negative = static_cast<i64>(argument.number) < 0 && !spec.hexadecimal;
        write_number(sink, spec, negative ? 0 - argument.number : argument.number, negative);
        return;
    }
    case TextArgument::Kind::unsigned_number:
        write_number(sink, spec, argument.number, false);
        return;
    }
}

}  // namespace

void format_arguments(TextSink& sink, std::string_view format, std::span<const TextArgument> arguments)
{
    usize next = 0;
    while (!format.empty()) {
        const usize brace = format.find_first_of("{}");
        sink.write(format.substr(0, brace));
        if (brace == std::string_view::npos)
            return;
        format.remove_prefix(brace);
        if (format.size() >= 2 && format[0] == format[1]) {
            sink.write(format.substr(0, 1));
            format.remove_prefix(2);
            continue;
        }
        const usize close = format.find('}');
        if (format[0] != '{' || close == std::string_view::npos) {
            sink.write(format);
            return;
        }
        if (next < arguments.size())
            write_argument(sink, parse_spec(format.substr(1, close - 1)), arguments[next++]);
        else
            sink.write("{?}");
        format.remove_prefix(close + 1);
    }
}

}  // namespace tenon
