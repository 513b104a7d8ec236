#pragma once

#include <cstdarg>

#include "tools/lib/messages.h"

namespace tenon::tools::libkmod {

using LogFunction = void (*)(void* data, int priority, const char* file, int line, const char* function, const char* format,
                             va_list arguments);

// Where the messages of a context go, and which of them.
struct Log {
    int priority;
    LogFunction function;  // null: nowhere
    void* data = nullptr;

    // To standard error, as far as KMOD_LOG says.
    Log();
};

// While it lives, what the tools' library says in this thread goes to a context's log, as said by `function`, one of libkmod's.
class LogScope final : public MessageReceiver {
public:
    LogScope(const Log& log, const char* function);
    ~LogScope();
    LogScope(const LogScope&) = delete;
    LogScope& operator=(const LogScope&) = delete;

    int threshold() const override { return log_.priority; }
    void receive(Severity severity, const char* text) override;

private:
    const Log& log_;
    const char* function_;
    MessageReceiver* previous_;
};

}  // namespace tenon::tools::libkmod
