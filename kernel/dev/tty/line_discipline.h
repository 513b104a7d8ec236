#pragma once

#include <array>
#include <span>
#include <string_view>

#include "kernel/dev/tty/termios.h"
#include "kernel/lib/no_copy.h"
#include "kernel/lib/text.h"
#include "kernel/lib/types.h"

// What stands between a serial line and read(2)/write(2) on a terminal: line editing, echo, signal characters, newline
// translation (POSIX.1 Base Definitions, chapter 11). Pure: no locks, no device; the terminal serialises the calls.

namespace tenon {

// What a received character makes happen besides being stored.
class TerminalEffects {
public:
    virtual void echo(std::string_view text) = 0;  // already processed for output
    virtual void signal(int number) = 0;           // for the foreground group
    virtual void set_output_stopped(bool stopped) = 0;

protected:
    ~TerminalEffects() = default;
};

class LineDiscipline : NoCopy {
public:
    static constexpr usize capacity = 4096;  // MAX_CANON and the size of the raw queue

    const Termios& settings() const { return settings_; }
    // A change between canonical and raw keeps what was typed.
    void set_settings(const Termios& settings);

    void receive(char character, TerminalEffects& effects);

    // Whether a read would get something now: a line, or enough characters for VMIN (with `minimum` 0: any), or an end of file.
    bool has_input(usize minimum) const;
    usize queued() const;  // characters that a read could get (FIONREAD)
    // Takes at most one line in canonical mode. 0 with an end of file typed at the start of a line.
    usize read(std::span<char> out);
    void flush_input();

    // Writes `text` as it goes to the line (OPOST).
    void process_output(std::string_view text, TextSink& out);

private:
    enum class Handled : bool { no, yes };

    bool is(u32 flag) const { return (settings_.local & flag) != 0; }
    bool matches(usize index, char character) const;
    Handled handle_flow(char character, TerminalEffects& effects);
    Handled handle_signal(char character, TerminalEffects& effects);
    Handled handle_editing(char character, TerminalEffects& effects);
    Handled handle_line_end(char character, TerminalEffects& effects);
    void store(char character, TerminalEffects& effects);
    void echo(char character, TerminalEffects& effects);
    void echo_text(std::string_view text, TerminalEffects& effects);
    void erase_one(TerminalEffects& effects);
    void erase_word(TerminalEffects& effects);
    void erase_line(TerminalEffects& effects);
    void reprint(TerminalEffects& effects);
    usize column_at(usize position) const;
    char last() const { return ring_[(write_ - 1) % capacity]; }
    bool is_delimiter(usize position) const;
    void set_delimiter(usize position, bool value);
    bool is_end_of_file(usize position) const;
    void advance_column(char character);

    // Positions only grow. [read_, line_end_) is complete input, [line_end_, write_) the line being edited.
    Termios settings_ = default_termios();
    std::array<char, capacity> ring_{};
    // A set bit marks the last character of a line; on a zero, an end of file, which is not read.
    std::array<u8, capacity / 8> delimiters_{};
    usize read_ = 0;
    usize line_end_ = 0;
    usize write_ = 0;
    usize column_ = 0;       // where the next output goes
    usize line_column_ = 0;  // where the line being edited starts
    bool literal_ = false;   // the next character has no special meaning
    bool stopped_ = false;   // output, by flow control
};

}  // namespace tenon
