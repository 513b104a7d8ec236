#include "kernel/proc/system_name.h"

#include "generated/version.h"
#include "kernel/boot_info.h"
#include "kernel/fs/procfs/sysctl.h"
#include <tenon/sync.h>

namespace tenon::system_name {
namespace {

struct Names {
    FixedText<longest> host{"tenon"};
    FixedText<longest> domain{"(none)"};
};

Guarded<Names> names;
FixedText<longest> linux_release;  // empty: the system's own; constant after start-up

Result<> set(FixedText<longest> Names::*which, std::string_view name)
{
    if (name.size() > longest)
        return fail(Errno::inval);
    names.with([&](Names& current) {
        (current.*which).clear();
        (current.*which).write(name);
    });
    return {};
}

std::string_view without_newline(std::string_view text)
{
    return text.substr(0, text.find('\n'));
}

}  // namespace

void read_boot_arguments()
{
    if (const auto release = boot_argument("linux_release"))
        linux_release.write(*release);
}

std::string_view system()
{
    return linux_release.size() == 0 ? "Tenon" : "Linux";
}

std::string_view release()
{
    return linux_release.size() == 0 ? TENON_RELEASE : linux_release.view();
}

std::string_view version()
{
    return "#1 SMP";
}

FixedText<longest> host()
{
    return names.with([](const Names& current) { return current.host; });
}

FixedText<longest> domain()
{
    return names.with([](const Names& current) { return current.domain; });
}

Result<> set_host(std::string_view name)
{
    return set(&Names::host, name);
}

Result<> set_domain(std::string_view name)
{
    return set(&Names::domain, name);
}

void print_version(TextSink& out)
{
    if (linux_release.size() == 0)
        out.write("Tenon version " TENON_VERSION "\n");
    else
        format_to(out, "Linux version {} (Tenon " TENON_VERSION ") {}\n", release(), version());
}

}  // namespace tenon::system_name

namespace tenon {

Result<> sysctl::add_system_names()
{
    TRY(sysctl::add_text("kernel/ostype", [](TextSink& out) { format_to(out, "{}\n", system_name::system()); }));
    TRY(sysctl::add_text("kernel/osrelease", [](TextSink& out) { format_to(out, "{}\n", system_name::release()); }));
    TRY(sysctl::add_text("kernel/version", [](TextSink& out) { format_to(out, "{}\n", system_name::version()); }));
    TRY(sysctl::add_text(
        "kernel/hostname", [](TextSink& out) { format_to(out, "{}\n", system_name::host().view()); },
        [](std::string_view text) { return system_name::set_host(system_name::without_newline(text)); }));
    return sysctl::add_text(
        "kernel/domainname", [](TextSink& out) { format_to(out, "{}\n", system_name::domain().view()); },
        [](std::string_view text) { return system_name::set_domain(system_name::without_newline(text)); });
}

}  // namespace tenon
