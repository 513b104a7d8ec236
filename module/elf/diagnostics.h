#pragma once

#include <string_view>

#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include "kernel/lib/types.h"

// Why an object was refused, in words. The Errno goes to the caller through Result; the sentence goes here, once, at the
// place where the fact is known. And the pauses of long work.

namespace tenon::elf {

// A place in an object. The views live as long as the ObjectView they came from.
struct Where {
    std::string_view section;
    u64 offset = 0;
    std::string_view symbol;  // empty when no symbol is concerned
};

inline constexpr usize reason_capacity = 320;
using ReasonText = FixedText<reason_capacity>;

// For whom an object is read and linked: hears why it was refused, and is asked now and then whether to go on.
class Diagnostics {
public:
    // Called again and again while work lasts whose length the file decides: lets others have the CPU. An error ends the work.
    virtual Result<> pause_point() { return {}; }

    // One complete line without module name and newline. The text lives only during the call.
    virtual void reason(std::string_view line) = 0;

    // A symbol that nobody defines; called once per name before the link fails with Errno::noent. The name lives as long
    // as the ObjectView.
    virtual void unresolved(std::string_view symbol) = 0;

    // `return diagnostics.fail(Errno::noexec, "section {} ends outside the file", index);`
    // Never inlined: the room for the text would be made on the way without a failure as well.
    template <typename... Args>
    [[nodiscard, gnu::cold, gnu::noinline]] std::unexpected<Errno> fail(Errno error, std::string_view format, const Args&... args)
    {
        const ReasonText line(format, args...);
        reason(line.view());
        return tenon::fail(error);
    }

    // The same with "section+0xoffset: " in front and " (symbol)" behind.
    template <typename... Args>
    [[nodiscard, gnu::cold, gnu::noinline]] std::unexpected<Errno> fail_at(Errno error, const Where& where, std::string_view format,
                                                 const Args&... args)
    {
        ReasonText line("{}+{:#x}: ", where.section, where.offset);
        line.format(format, args...);
        if (!where.symbol.empty())
            line.format(" ({})", where.symbol);
        reason(line.view());
        return tenon::fail(error);
    }

protected:
    ~Diagnostics() = default;
};

// Keeps the first reason, or the names of the first unresolved symbols, as one line.
class FirstReason : public Diagnostics {
public:
    void reason(std::string_view line) override;
    void unresolved(std::string_view symbol) override;

    // Empty when nothing was reported.
    std::string_view view() const { return text_.view(); }
    u32 unresolved_count() const { return unresolved_count_; }

private:
    ReasonText text_;
    u32 unresolved_count_ = 0;
    bool lists_symbols_ = false;
};

}  // namespace tenon::elf
