#include "kernel/fs/procfs/sysctl.h"
#include "kernel/log/ring.h"

namespace tenon::sysctl {
namespace {

// What stands behind the console's level: of messages without a severity, the least level there may be, and the usual one. They
// do not change here.
constexpr std::string_view constant_levels = "\t4\t1\t7";
constexpr i64 largest_level = 8;

void print_levels(TextSink& out)
{
    format_to(out, "{}{}\n", log::console_level(), constant_levels);
}

// The console's level, alone or with the other three as they are.
Result<> set_levels(std::string_view text)
{
    const auto end = text.find_first_of(" \t");
    const i64 level = TRY(parse_number(text.substr(0, end)));
    if (level < 1 || level > largest_level)
        return fail(Errno::inval);
    std::string_view rest = end == std::string_view::npos ? "" : text.substr(end);
    for (const char wanted : {'4', '1', '7'}) {
        const auto at = rest.find_first_not_of(" \t\n");
        if (at == std::string_view::npos)
            break;
        if (rest[at] != wanted)
            return fail(Errno::inval);
        rest.remove_prefix(at + 1);
    }
    if (rest.find_first_not_of(" \t\n") != std::string_view::npos)
        return fail(Errno::inval);
    log::set_console_level(static_cast<int>(level));
    return {};
}

}  // namespace

Result<> add_log_values()
{
    TRY(add_number("kernel/dmesg_restrict", {.get = [] { return i64{1}; }}));  // the log is CAP_SYSLOG's
    return add_text("kernel/printk", print_levels, set_levels);
}

}  // namespace tenon::sysctl
