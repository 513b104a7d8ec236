#pragma once

#include <array>

#include "kernel/lib/types.h"

// struct termios and its constants as arm64 Linux's system calls pass them (asm-generic/termbits.h, ioctls.h).

namespace tenon {

struct Termios {
    u32 input = 0;
    u32 output = 0;
    u32 control = 0;
    u32 local = 0;
    u8 line = 0;
    std::array<u8, 19> characters{};
};
static_assert(sizeof(Termios) == 36);

struct WindowSize {
    u16 rows = 0;
    u16 columns = 0;
    u16 x_pixels = 0;
    u16 y_pixels = 0;
};

namespace termios {

// Input flags.
constexpr u32 ignore_break = 0001;
constexpr u32 break_interrupt = 0002;
constexpr u32 strip = 0040;
constexpr u32 newline_to_return = 0100;
constexpr u32 ignore_return = 0200;
constexpr u32 return_to_newline = 0400;
constexpr u32 flow_control_out = 02000;
constexpr u32 any_restarts = 04000;
constexpr u32 input_utf8 = 040000;

// Output flags.
constexpr u32 process_output = 0001;
constexpr u32 newline_to_return_newline = 0004;
constexpr u32 output_return_to_newline = 0010;
constexpr u32 no_return_at_start = 0020;

// Control flags.
constexpr u32 speed_115200 = 010002;
constexpr u32 size_8 = 060;
constexpr u32 enable_receiver = 0200;
constexpr u32 hang_up_on_close = 02000;
constexpr u32 ignore_modem_lines = 04000;

// Local flags.
constexpr u32 signals = 0001;
constexpr u32 canonical = 0002;
constexpr u32 echo = 0010;
constexpr u32 echo_erase = 0020;
constexpr u32 echo_kill_newline = 0040;
constexpr u32 echo_newline = 0100;
constexpr u32 no_flush = 0200;
constexpr u32 stop_background_output = 0400;
constexpr u32 echo_control = 01000;
constexpr u32 echo_kill = 04000;
constexpr u32 extended = 0100000;

// Indices of control characters.
constexpr usize interrupt = 0;
constexpr usize quit = 1;
constexpr usize erase = 2;
constexpr usize kill = 3;
constexpr usize end_of_file = 4;
constexpr usize time = 5;
constexpr usize minimum = 6;
constexpr usize start = 8;
constexpr usize stop = 9;
constexpr usize suspend = 10;
constexpr usize end_of_line = 11;
constexpr usize reprint = 12;
constexpr usize discard = 13;
constexpr usize word_erase = 14;
constexpr usize literal_next = 15;
constexpr usize end_of_line_2 = 16;

}  // namespace termios

namespace tty_ioctl {
constexpr u32 get_attributes = 0x5401;         // TCGETS
constexpr u32 set_attributes = 0x5402;         // TCSETS
constexpr u32 set_attributes_drain = 0x5403;   // TCSETSW
constexpr u32 set_attributes_flush = 0x5404;   // TCSETSF
constexpr u32 send_break = 0x5409;             // TCSBRK
constexpr u32 flow_control = 0x540a;           // TCXONC
constexpr u32 flush = 0x540b;                  // TCFLSH
constexpr u32 set_controlling = 0x540e;        // TIOCSCTTY
constexpr u32 get_foreground_group = 0x540f;   // TIOCGPGRP
constexpr u32 set_foreground_group = 0x5410;   // TIOCSPGRP
constexpr u32 output_queued = 0x5411;          // TIOCOUTQ
constexpr u32 get_window_size = 0x5413;        // TIOCGWINSZ
constexpr u32 set_window_size = 0x5414;        // TIOCSWINSZ
constexpr u32 input_queued = 0x541b;           // FIONREAD
constexpr u32 give_up_controlling = 0x5422;    // TIOCNOTTY
constexpr u32 get_session = 0x5429;            // TIOCGSID
}  // namespace tty_ioctl

// What a terminal starts with: canonical, echoing, 115200 baud, 8 bits.
constexpr Termios default_termios()
{
    using namespace termios;
    Termios settings;
    settings.input = return_to_newline | flow_control_out;
    settings.output = process_output | newline_to_return_newline;
    settings.control = speed_115200 | size_8 | enable_receiver | hang_up_on_close | ignore_modem_lines;
    settings.local = termios::signals | canonical | termios::echo | echo_erase | echo_kill_newline | echo_control | echo_kill | extended;
    settings.characters = {'C' - '@', '\\' - '@', 127, 'U' - '@', 'D' - '@', 0, 1, 0, 'Q' - '@', 'S' - '@',
                           'Z' - '@', 0, 'R' - '@', 'O' - '@', 'W' - '@', 'V' - '@', 0};
    return settings;
}

}  // namespace tenon
