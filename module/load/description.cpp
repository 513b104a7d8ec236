#include "module/load/description.h"

#include <optional>

#include "kernel/lib/file_name.h"
#include "module/elf/modinfo.h"
#include <generated/version.h>
#include <tenon/module_header.h>

// By this name Linux's kernels have it, too: modlink reads it from the linked kernel.
extern "C" const char vermagic[] = TENON_VERMAGIC;

namespace tenon::modload {
namespace {

// It is walked over without a pause. The largest of Linux's modules have some 100 KiB.
constexpr usize most_modinfo = 1024 * 1024;

Result<> check_vermagic(std::string_view vermagic, elf::Diagnostics& diagnostics)
{
    if (vermagic != expected_vermagic())
        return diagnostics.fail(Errno::noexec, "version magic '{}' should be '{}'", vermagic, expected_vermagic());
    return {};
}

bool has_blank(std::string_view name)
{
    for (const char c : name)
        if (c == ' ')
            return true;
    return false;
}

Result<> check_name(std::string_view name, elf::Diagnostics& diagnostics)
{
    if (name.empty())
        return diagnostics.fail(Errno::noexec, "no module found in the object: .modinfo has no name");
    if (name.size() >= ModuleHeader::name_capacity || !is_file_name(name) || has_blank(name))
        return diagnostics.fail(Errno::noexec, "'{}' cannot be the name of a module", name.substr(0, 64));
    return {};
}

}  // namespace

std::string_view expected_vermagic()
{
    return vermagic;
}

bool has_gpl_compatible_license(const elf::ObjectView& view)
{
    return elf::Modinfo(view.modinfo()).is_gpl_compatible();
}

Result<Description> read_description(const elf::ObjectView& view, Vermagic vermagic, elf::Diagnostics& diagnostics)
{
    if (view.modinfo().size() > most_modinfo)
        return diagnostics.fail(Errno::noexec, "section .modinfo: {} bytes are more than {}", view.modinfo().size(), most_modinfo);
    // The build puts these two first, so the walk is short.
    std::optional<std::string_view> found_vermagic;
    std::string_view name;
    for (const auto& [key, value] : elf::Modinfo(view.modinfo())) {
        if (key == "vermagic" && !found_vermagic)
            found_vermagic = value;
        else if (key == "name" && name.empty())
            name = value;
        if (found_vermagic && !name.empty())
            break;
    }
    TRY(check_name(name, diagnostics));
    if (vermagic == Vermagic::check)
        TRY(check_vermagic(found_vermagic.value_or(""), diagnostics));
    return Description{name};
}

}  // namespace tenon::modload
