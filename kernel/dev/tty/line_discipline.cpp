#include "kernel/dev/tty/line_discipline.h"

#include <algorithm>

#include "kernel/proc/signal_set.h"

namespace tenon {
namespace {

constexpr char delete_character = 127;

constexpr bool is_control(char character)
{
    return (static_cast<u8>(character) < ' ' && character != '\t' && character != '\n') || character == delete_character;
}

constexpr bool is_continuation(char character)
{
    return (static_cast<u8>(character) & 0xc0) == 0x80;
}

constexpr bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

}  // namespace

bool LineDiscipline::matches(usize index, char character) const
{
    const u8 special = settings_.characters[index];
    return special != 0 && special == static_cast<u8>(character);
}

bool LineDiscipline::is_delimiter(usize position) const
{
    const usize at = position % capacity;
    return (delimiters_[at / 8] >> (at % 8) & 1) != 0;
}

void LineDiscipline::set_delimiter(usize position, bool value)
{
    const usize at = position % capacity;
    const u8 bit = static_cast<u8>(1u << (at % 8));
    delimiters_[at / 8] = static_cast<u8>(value ? delimiters_[at / 8] | bit : delimiters_[at / 8] & ~bit);
}

bool LineDiscipline::is_end_of_file(usize position) const
{
    return is_delimiter(position) && ring_[position % capacity] == '\0';
}

void LineDiscipline::set_settings(const Termios& settings)
{
    settings_ = settings;
    if (!is(termios::canonical))
        line_end_ = write_;
    literal_ = false;
}

void LineDiscipline::flush_input()
{
    delimiters_.fill(0);
    read_ = line_end_ = write_;
    literal_ = false;
}

void LineDiscipline::receive(char character, TerminalEffects& effects)
{
    if ((settings_.input & termios::strip) != 0)
        character = static_cast<char>(character & 0x7f);
    if (literal_) {
        literal_ = false;
        store(character, effects);
        return;
    }
    if (character == '\r') {
        if ((settings_.input & termios::ignore_return) != 0)
            return;
        if ((settings_.input & termios::return_to_newline) != 0)
            character = '\n';
    } else if (character == '\n' && (settings_.input & termios::newline_to_return) != 0) {
        character = '\r';
    }
    if (handle_flow(character, effects) == Handled::yes || handle_signal(character, effects) == Handled::yes)
        return;
    if (is(termios::canonical) &&
        (handle_editing(character, effects) == Handled::yes || handle_line_end(character, effects) == Handled::yes))
        return;
    store(character, effects);
}

LineDiscipline::Handled LineDiscipline::handle_flow(char character, TerminalEffects& effects)
{
    if ((settings_.input & termios::flow_control_out) == 0)
        return Handled::no;
    const bool stops = matches(termios::stop, character);
    const bool starts = matches(termios::start, character);
    const bool any_restarts = stopped_ && (settings_.input & termios::any_restarts) != 0;
    if (stops || starts || any_restarts) {
        stopped_ = stops;
        effects.set_output_stopped(stopped_);
    }
    return stops || starts ? Handled::yes : Handled::no;
}

LineDiscipline::Handled LineDiscipline::handle_signal(char character, TerminalEffects& effects)
{
    if (!is(termios::signals))
        return Handled::no;
    int signal = 0;
    if (matches(termios::interrupt, character))
        signal = signal_number::interrupt;
    else if (matches(termios::quit, character))
        signal = signal_number::quit;
    else if (matches(termios::suspend, character))
        signal = signal_number::terminal_stop;
    else
        return Handled::no;
    if (!is(termios::no_flush))
        flush_input();
    if (stopped_) {
        stopped_ = false;
        effects.set_output_stopped(false);
    }
    echo(character, effects);
    effects.signal(signal);
    return Handled::yes;
}

LineDiscipline::Handled LineDiscipline::handle_editing(char character, TerminalEffects& effects)
{
    if (matches(termios::erase, character))
        erase_one(effects);
    else if (matches(termios::kill, character))
        erase_line(effects);
    else if (is(termios::extended) && matches(termios::word_erase, character))
        erase_word(effects);
    else if (is(termios::extended) && matches(termios::reprint, character))
        reprint(effects);
    else if (is(termios::extended) && matches(termios::literal_next, character))
        literal_ = true;
    else
        return Handled::no;
    return Handled::yes;
}

LineDiscipline::Handled LineDiscipline::handle_line_end(char character, TerminalEffects& effects)
{
    const bool is_end_of_input = matches(termios::end_of_file, character);
    if (!is_end_of_input && character != '\n' && !matches(termios::end_of_line, character) &&
        !matches(termios::end_of_line_2, character))
        return Handled::no;
    if (write_ - read_ == capacity)
        return Handled::yes;
    if (!is_end_of_input)
        echo(character, effects);
    ring_[write_ % capacity] = is_end_of_input ? '\0' : character;
    set_delimiter(write_, true);
    line_end_ = ++write_;
    return Handled::yes;
}

// The last place is kept for the end of the line.
void LineDiscipline::store(char character, TerminalEffects& effects)
{
    if (write_ - read_ >= capacity - 1) {
        effects.echo("\a");
        return;
    }
    if (write_ == line_end_)
        line_column_ = column_;
    ring_[write_ % capacity] = character;
    set_delimiter(write_, false);
    ++write_;
    if (!is(termios::canonical))
        line_end_ = write_;
    echo(character, effects);
}

void LineDiscipline::echo(char character, TerminalEffects& effects)
{
    if (!is(termios::echo)) {
        if (character == '\n' && is(termios::canonical) && is(termios::echo_newline))
            echo_text("\n", effects);
        return;
    }
    if (is_control(character) && is(termios::echo_control)) {
        const char shown[] = {'^', static_cast<char>(character ^ 0x40)};
        echo_text({shown, sizeof(shown)}, effects);
        return;
    }
    echo_text({&character, 1}, effects);
}

void LineDiscipline::echo_text(std::string_view text, TerminalEffects& effects)
{
    FixedText<64> out;
    process_output(text, out);
    effects.echo(out.view());
}

// The column at which the character at `position` of the edited line stands.
usize LineDiscipline::column_at(usize position) const
{
    usize column = line_column_;
    for (usize at = line_end_; at != position; ++at) {
        const char character = ring_[at % capacity];
        if (character == '\t')
            column = (column | 7) + 1;
        else if (is_control(character))
            column += is(termios::echo_control) ? 2 : 0;
        else if (!is_continuation(character) || (settings_.input & termios::input_utf8) == 0)
            ++column;
    }
    return column;
}

void LineDiscipline::erase_one(TerminalEffects& effects)
{
    if (write_ == line_end_)
        return;
    const usize before = column_at(write_);
    if ((settings_.input & termios::input_utf8) != 0)
        while (write_ - 1 != line_end_ && is_continuation(last()))
            --write_;
    --write_;
    if (!is(termios::echo))
        return;
    if (!is(termios::echo_erase)) {
        echo(static_cast<char>(settings_.characters[termios::erase]), effects);
        return;
    }
    for (usize column = column_at(write_); column < before; ++column)
        echo_text("\b \b", effects);
}

void LineDiscipline::erase_word(TerminalEffects& effects)
{
    while (write_ != line_end_ && is_blank(last()))
        erase_one(effects);
    while (write_ != line_end_ && !is_blank(last()))
        erase_one(effects);
}

void LineDiscipline::erase_line(TerminalEffects& effects)
{
    if (is(termios::echo_kill)) {
        while (write_ != line_end_)
            erase_one(effects);
        return;
    }
    write_ = line_end_;
    echo(static_cast<char>(settings_.characters[termios::kill]), effects);
    if (is(termios::echo_kill_newline))
        echo('\n', effects);
}

void LineDiscipline::reprint(TerminalEffects& effects)
{
    echo(static_cast<char>(settings_.characters[termios::reprint]), effects);
    echo('\n', effects);
    line_column_ = column_;
    for (usize at = line_end_; at != write_; ++at)
        echo(ring_[at % capacity], effects);
}

usize LineDiscipline::queued() const
{
    return line_end_ - read_;
}

bool LineDiscipline::has_input(usize minimum) const
{
    return queued() >= (is(termios::canonical) ? 1 : std::max<usize>(minimum, 1));
}

usize LineDiscipline::read(std::span<char> out)
{
    usize count = 0;
    while (count < out.size() && read_ != line_end_) {
        const bool is_last = is_delimiter(read_) && is(termios::canonical);
        const bool skip = is_end_of_file(read_);
        if (!skip)
            out[count++] = ring_[read_ % capacity];
        set_delimiter(read_++, false);
        if (is_last)
            return count;
    }
    // An end of file right behind what filled `out` belongs to it: it must not end the next read.
    if (count != 0 && read_ != line_end_ && is(termios::canonical) && is_end_of_file(read_))
        set_delimiter(read_++, false);
    return count;
}

void LineDiscipline::advance_column(char character)
{
    if (character == '\r')
        column_ = 0;
    else if (character == '\b')
        column_ -= column_ != 0 ? 1 : 0;
    else if (character == '\t')
        column_ = (column_ | 7) + 1;
    else if (static_cast<u8>(character) >= ' ' && !is_continuation(character))
        ++column_;
}

void LineDiscipline::process_output(std::string_view text, TextSink& out)
{
    const u32 flags = settings_.output;
    if ((flags & termios::process_output) == 0) {
        out.write(text);
        return;
    }
    for (const char character : text) {
        if (character == '\n' && (flags & termios::newline_to_return_newline) != 0) {
            column_ = 0;
            out.write("\r\n");
            continue;
        }
        if (character == '\r' && (flags & termios::no_return_at_start) != 0 && column_ == 0)
            continue;
        const char shown = character == '\r' && (flags & termios::output_return_to_newline) != 0 ? '\n' : character;
        advance_column(shown);
        out.write({&shown, 1});
    }
}

}  // namespace tenon
