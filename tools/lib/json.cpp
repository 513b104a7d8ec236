#include "tools/lib/json.h"

#include <cinttypes>
#include <utility>

namespace tenon::tools {

namespace {

// The length of the UTF-8 sequence at the start of `text` (RFC 3629, section 4); 0 when there is none.
std::size_t utf8_length(std::string_view text)
{
    const auto byte = [&](std::size_t index) { return static_cast<u8>(text[index]); };
    const auto continues = [&](std::size_t index) { return index < text.size() && (byte(index) & 0xc0) == 0x80; };
    const u8 first = byte(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return continues(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        if (!continues(1) || !continues(2) || (first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f))
            return 0;
        return 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (!continues(1) || !continues(2) || !continues(3) || (first == 0xf0 && byte(1) < 0x90) ||
            (first == 0xf4 && byte(1) > 0x8f))
            return 0;
        return 4;
    }
    return 0;
}

}  // namespace

void JsonWriter::indent()
{
    std::fprintf(out_, "\n%*s", static_cast<int>(2 * filled_.size()), "");
}

void JsonWriter::separate()
{
    if (std::exchange(after_key_, false) || filled_.empty())
        return;
    if (filled_.back())
        std::fputc(',', out_);
    filled_.back() = true;
    indent();
}

void JsonWriter::begin(char bracket)
{
    separate();
    std::fputc(bracket, out_);
    filled_.push_back(false);
}

void JsonWriter::end(char bracket)
{
    const bool filled = filled_.back();
    filled_.pop_back();
    if (filled)
        indent();
    std::fputc(bracket, out_);
}

void JsonWriter::key(std::string_view name)
{
    separate();
    write_text(name);
    std::fputs(": ", out_);
    after_key_ = true;
}

void JsonWriter::value(std::string_view text)
{
    separate();
    write_text(text);
}

void JsonWriter::value(i64 number)
{
    separate();
    std::fprintf(out_, "%" PRId64, number);
}

void JsonWriter::value(bool boolean)
{
    separate();
    std::fputs(boolean ? "true" : "false", out_);
}

void JsonWriter::finish()
{
    std::fputc('\n', out_);
}

void JsonWriter::write_text(std::string_view text)
{
    std::fputc('"', out_);
    while (!text.empty()) {
        const auto character = static_cast<u8>(text.front());
        const std::size_t length = utf8_length(text);
        if (length == 0)
            std::fputs("\\ufffd", out_);
        else if (character == '"' || character == '\\')
            std::fprintf(out_, "\\%c", character);
        else if (character == '\n')
            std::fputs("\\n", out_);
        else if (character < 0x20 || character == 0x7f)
            std::fprintf(out_, "\\u%04x", character);
        else
            std::fwrite(text.data(), 1, length, out_);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    std::fputc('"', out_);
}

}  // namespace tenon::tools
