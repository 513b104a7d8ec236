#include "tools/libkmod/log.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <syslog.h>

#include "tools/lib/words.h"

namespace tenon::tools::libkmod {

namespace {

void to_standard_error(void* /*data*/, int priority, const char* /*file*/, int /*line*/, const char* function, const char* format,
                       va_list arguments)
{
    flockfile(stderr);
    std::fprintf(stderr, "libkmod: %s: %s: ", severity_name(static_cast<Severity>(priority)), function);
    std::vfprintf(stderr, format, arguments);
    funlockfile(stderr);
}

[[gnu::format(printf, 4, 5)]] void call(const Log& log, int priority, const char* function, const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log.function(log.data, priority, "libkmod", 0, function, format, arguments);
    va_end(arguments);
}

// A number, or the first letters of what follows count.
int priority_named(std::string_view text)
{
    struct Named {
        std::string_view name;
        int priority;
    };
    static constexpr std::array<Named, 3> names = {{{"err", LOG_ERR}, {"info", LOG_INFO}, {"debug", LOG_DEBUG}}};
    for (const Named& named : names)
        if (text.starts_with(named.name))
            return named.priority;
    return parse_number<int>(text).value_or(0);
}

}  // namespace

Log::Log() : priority(LOG_ERR), function(to_standard_error)
{
    if (const char* wanted = secure_getenv("KMOD_LOG"))
        priority = priority_named(wanted);
}

LogScope::LogScope(const Log& log, const char* function) : log_(log), function_(function), previous_(set_message_receiver(this)) {}

LogScope::~LogScope()
{
    set_message_receiver(previous_);
}

void LogScope::receive(Severity severity, const char* text)
{
    if (log_.function != nullptr)
        call(log_, static_cast<int>(severity), function_, "%s\n", text);
}

}  // namespace tenon::tools::libkmod
