#include "tools/lib/messages.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <string_view>
#include <syslog.h>
#include <unistd.h>
#include <utility>

namespace tenon::tools {

namespace {

Severity current_threshold = Severity::warning;
LogTarget current_target = LogTarget::standard_error;
thread_local MessageReceiver* current_receiver = nullptr;
bool status_is_shown = false;  // the lock of stderr protects it

class StandardErrorLock {
public:
    StandardErrorLock() { flockfile(stderr); }
    ~StandardErrorLock() { funlockfile(stderr); }
    StandardErrorLock(const StandardErrorLock&) = delete;
    StandardErrorLock& operator=(const StandardErrorLock&) = delete;
};

// With the lock of stderr held.
void take_status_away()
{
    if (std::exchange(status_is_shown, false))
        std::fputs("\r\x1b[K", stderr);
}

std::string print_arguments(const char* format, va_list arguments)
{
    va_list copy;
    va_copy(copy, arguments);
    const int size = std::vsnprintf(nullptr, 0, format, copy);
    va_end(copy);
    if (size < 0)
        return {};
    std::string text(static_cast<std::size_t>(size), '\0');
    std::vsnprintf(text.data(), text.size() + 1, format, arguments);
    return text;
}

// File names and what modules say of themselves stand in messages: no control sequence of theirs reaches a terminal.
std::string without_control_characters(std::string_view text)
{
    std::string result;
    for (const char character : text) {
        const auto code = static_cast<unsigned char>(character);
        if ((code < ' ' && character != '\n' && character != '\t') || code == 0x7f) {
            result += '\\';
            for (const unsigned shift : {6U, 3U, 0U})
                result += static_cast<char>('0' + (code >> shift & 7));
        } else {
            result += character;
        }
    }
    return result;
}

}  // namespace

const char* severity_name(Severity severity)
{
    switch (severity) {
    case Severity::emergency: return "EMERGENCY";
    case Severity::fatal: return "FATAL";
    case Severity::error: return "ERROR";
    case Severity::warning: return "WARNING";
    case Severity::notice: return "NOTICE";
    case Severity::info: return "INFO";
    case Severity::debug: return "DEBUG";
    }
    return "?";
}

void set_threshold(Severity threshold)
{
    current_threshold = threshold;
}

Severity threshold()
{
    return current_threshold;
}

bool is_verbose()
{
    return current_threshold > Severity::warning;
}

void set_log_target(LogTarget target)
{
    current_target = target;
    if (target == LogTarget::syslog)
        openlog(program_name(), LOG_CONS, LOG_DAEMON);
}

const char* program_name()
{
    return program_invocation_short_name;
}

void message(Severity severity, const char* format, ...)
{
    if (static_cast<int>(severity) > (current_receiver == nullptr ? static_cast<int>(current_threshold) : current_receiver->threshold()))
        return;
    const int saved = errno;  // so that %m and the caller's own use of errno stay right
    va_list arguments;
    va_start(arguments, format);
    const std::string text = without_control_characters(print_arguments(format, arguments));
    va_end(arguments);
    if (current_receiver != nullptr) {
        current_receiver->receive(severity, text.c_str());
    } else if (current_target == LogTarget::syslog) {
        syslog(static_cast<int>(severity), "%s: %s", severity_name(severity), text.c_str());
    } else {
        const StandardErrorLock lock;
        take_status_away();
        std::fprintf(stderr, "%s: %s: %s\n", program_name(), severity_name(severity), text.c_str());
    }
    errno = saved;
}

MessageReceiver* set_message_receiver(MessageReceiver* receiver)
{
    return std::exchange(current_receiver, receiver);
}

bool has_status_line()
{
    return isatty(STDERR_FILENO) != 0;
}

void show_status(const std::string& text)
{
    const StandardErrorLock lock;
    std::fprintf(stderr, "\r%s: %s\x1b[K", program_name(), text.c_str());
    status_is_shown = true;
}

void clear_status()
{
    const StandardErrorLock lock;
    take_status_away();
}

std::string print(const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    std::string text = print_arguments(format, arguments);
    va_end(arguments);
    return text;
}

}  // namespace tenon::tools
