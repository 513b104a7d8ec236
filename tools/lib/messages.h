#pragma once

#include <string>

// What a tool says to the user besides its output: `modprobe: ERROR: text`, on standard error or in the system log.

namespace tenon::tools {

// The numbers are those of syslog(3); kmod's -v and -q move the threshold by them.
enum class Severity : int { emergency = 0, fatal = 2, error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

const char* severity_name(Severity severity);  // "ERROR"

enum class LogTarget { standard_error, syslog };

// Messages less urgent than `threshold` are dropped; the default is `warning`.
void set_threshold(Severity threshold);
Severity threshold();
bool is_verbose();  // more than the default is wanted

void set_log_target(LogTarget target);

// The text is one line without newline. Thread safe.
[[gnu::format(printf, 2, 3)]] void message(Severity severity, const char* format, ...);

// Takes the messages of a thread in their usual place's stead, for a library whose user says where they go.
class MessageReceiver {
public:
    virtual int threshold() const = 0;  // what is less urgent is dropped
    virtual void receive(Severity severity, const char* text) = 0;

protected:
    ~MessageReceiver() = default;
};
// Of this thread from now on, null for the usual place; gives the one before.
MessageReceiver* set_message_receiver(MessageReceiver* receiver);

// A line on the terminal that says how far the work is. Messages and further statuses take its place, and it is gone after
// clear_status(). Only for a terminal, which has_status_line() tells. Thread safe.
bool has_status_line();
void show_status(const std::string& text);
void clear_status();

// The short name of the running program.
const char* program_name();

// printf into a string, as std::format is missing in our standard library.
[[gnu::format(printf, 1, 2)]] std::string print(const char* format, ...);

// The arguments for `%.*s`.
#define TENON_TEXT(view) static_cast<int>((view).size()), (view).data()

}  // namespace tenon::tools
