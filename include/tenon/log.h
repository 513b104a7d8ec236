#pragma once

#include <string_view>

#include "kernel/lib/text.h"
#include <tenon/api.h>

// The kernel log: a ring that dmesg, /dev/kmsg and the console read. One call is one line. Usable in every context,
// interrupt handlers included; a line longer than 480 bytes is cut.

namespace tenon::log {

// RFC 5424 severities, with Linux's numbers.
enum class Severity : u8 { emergency, alert, critical, error, warning, notice, info, debug };

// `component` prefixes the line ("ext2: …"); empty for none. Neither text ends in a newline.
TENON_API void write(Severity severity, std::string_view component, std::string_view text);

template <typename... Args>
void format(Severity severity, std::string_view component, std::string_view format, const Args&... args)
{
    write(severity, component, FixedText<480>(format, args...).view());
}

template <typename... Args>
void error(std::string_view component, std::string_view text, const Args&... args)
{
    format(Severity::error, component, text, args...);
}

template <typename... Args>
void warning(std::string_view component, std::string_view text, const Args&... args)
{
    format(Severity::warning, component, text, args...);
}

template <typename... Args>
void info(std::string_view component, std::string_view text, const Args&... args)
{
    format(Severity::info, component, text, args...);
}

template <typename... Args>
void debug(std::string_view component, std::string_view text, const Args&... args)
{
    format(Severity::debug, component, text, args...);
}

}  // namespace tenon::log
