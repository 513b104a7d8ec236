#pragma once

#include <array>
#include <concepts>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "kernel/lib/address.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/types.h"
#include <tenon/api.h>

// Text for log lines, /proc and /sys files: formatting without allocation.

namespace tenon {

// Where formatted text goes. An implementation decides what happens when it is full.
class TextSink {
public:
    virtual void write(std::string_view text) = 0;

protected:
    ~TextSink() = default;
};

// One formatting argument, erased to what the formatter distinguishes.
struct TextArgument {
    enum class Kind : u8 { text, character, boolean, signed_number, unsigned_number };

    constexpr TextArgument() = default;
    constexpr TextArgument(std::string_view value) : kind(Kind::text), text(value) {}
    constexpr TextArgument(const char* value) : kind(Kind::text), text(value) {}
    constexpr TextArgument(char value) : kind(Kind::character), number(static_cast<u8>(value)) {}
    constexpr TextArgument(bool value) : kind(Kind::boolean), number(value) {}
    TextArgument(Errno value) : kind(Kind::text), text(errno_name(value)) {}
    template <std::signed_integral T>
    constexpr TextArgument(T value) : kind(Kind::signed_number), number(static_cast<u64>(i64{value}))
    {
    }
    template <std::unsigned_integral T>
    constexpr TextArgument(T value) : kind(Kind::unsigned_number), number(value)
    {
    }
    template <typename Tag>
    constexpr TextArgument(Address<Tag> value) : kind(Kind::unsigned_number), number(value.value())
    {
    }
    template <typename T>
        requires std::is_enum_v<T>
    constexpr TextArgument(T value) : TextArgument(static_cast<std::underlying_type_t<T>>(value))
    {
    }

    Kind kind = Kind::text;
    std::string_view text;
    u64 number = 0;
};

// Writes `format` with each `{}` replaced by the next argument. Inside the braces, after a colon, stand in this
// order: `<` or `>` (align), `0` (fill numbers with zeros), a width, and `x` or `X` (hexadecimal), with `#` before the zero for the
// 0x prefix: `{:#x}`, `{:016x}`, `{:<24}`. `{{` and `}}` write a brace. A missing argument is written as `{?}`.
TENON_API void format_arguments(TextSink& sink, std::string_view format, std::span<const TextArgument> arguments);

template <typename... Args>
void format_to(TextSink& sink, std::string_view format, const Args&... args)
{
    const std::array<TextArgument, sizeof...(Args)> arguments{TextArgument(args)...};
    format_arguments(sink, format, arguments);
}

// Text in a fixed array. What does not fit is cut off, and truncated() tells.
template <usize capacity>
class FixedText final : public TextSink {
public:
    FixedText() = default;
    template <typename... Args>
    explicit FixedText(std::string_view format, const Args&... args)
    {
        format_to(*this, format, args...);
    }

    void write(std::string_view text) override
    {
        const usize room = capacity - size_;
        const usize count = text.size() < room ? text.size() : room;
        truncated_ |= count < text.size();
        std::memcpy(data_ + size_, text.data(), count);
        size_ += count;
        data_[size_] = '\0';
    }

    template <typename... Args>
    FixedText& format(std::string_view format, const Args&... args)
    {
        format_to(*this, format, args...);
        return *this;
    }

    void clear()
    {
        size_ = 0;
        truncated_ = false;
        data_[0] = '\0';
    }

    std::string_view view() const { return {data_, size_}; }
    const char* c_str() const { return data_; }
    usize size() const { return size_; }
    bool truncated() const { return truncated_; }

private:
    char data_[capacity + 1] = {};
    usize size_ = 0;
    bool truncated_ = false;
};

}  // namespace tenon
