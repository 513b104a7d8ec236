#include "tools/modlink/load_rules.h"

#include <algorithm>
#include <cinttypes>

#include "tools/lib/messages.h"
#include "tools/lib/module_name.h"

namespace tenon::tools {
namespace {

using ::modlink::Output;

class Rules {
public:
    Rules(const elf::MetadataView& module, const KernelSymbols& symbols, Output& output)
        : module_(module), symbols_(symbols), output_(output)
    {
    }

    void check_module()
    {
        constexpr std::string_view header = ".gnu.linkonce.this_module";
        const auto& sections = output_.sections;
        if (std::none_of(sections.begin(), sections.end(), [&](const ::modlink::Section& section) { return section.name == header; }))
            refuse(Errno::noexec, print("no module found in the object: section %s is missing", header.data()));
        else if (!module_.has_symbols())
            refuse(Errno::noexec, "module has no symbols (stripped?)");
    }

    // With versions of symbols the release, the first word, does not count.
    void check_vermagic()
    {
        if (!symbols_.vermagic())
            return;
        bool has_versions = false;
        module_.for_each_required_version([&](const auto&) { has_versions = true; });
        const auto compared = [&](std::string_view magic) { return has_versions ? magic.substr(std::min(magic.find(' '), magic.size())) : magic; };
        const std::string_view found = module_.modinfo().find("vermagic").value_or("");
        if (compared(found) != compared(*symbols_.vermagic()))
            refuse(Errno::noexec, print("version magic '%.*s' should be '%s'", TENON_TEXT(found), symbols_.vermagic()->c_str()));
    }

    void check_exports()
    {
        const std::string own_name = name_of_module(module_, "");
        module_.for_each_export([&](const elf::MetadataView::Version& exported) {
            const OfferedSymbol* const other = symbols_.find(exported.name);
            if (other != nullptr && other->provider != own_name)
                refuse(Errno::noexec, print("exports duplicate symbol %.*s (owned by %s)", TENON_TEXT(exported.name), other->provider.c_str()));
        });
    }

    void check_versions()
    {
        module_.for_each_required_version([&](const elf::MetadataView::Version& required) {
            const OfferedSymbol* const offered = symbols_.find(required.name);
            if (offered != nullptr && offered->version && *offered->version != required.crc)
                refuse(Errno::noexec, print("disagrees about version of symbol %.*s (0x%08" PRIx64 " instead of 0x%08" PRIx64 ")",
                                            TENON_TEXT(required.name), required.crc, *offered->version));
        });
    }

    void check_licence()
    {
        if (module_.modinfo().is_gpl_compatible())
            return;
        module_.for_each_undefined([&](const char* name, elf::SymbolBinding) {
            const OfferedSymbol* const offered = symbols_.find(name);
            if (offered != nullptr && offered->is_gpl_only)
                refuse(Errno::noent, print("symbol %s is for modules with a GPL-compatible licence only", name));
        });
    }

private:
    void refuse(Errno error, std::string reason)
    {
        if (output_.ok())
            output_.error = static_cast<int>(error);
        output_.problems.push_back(std::move(reason));
    }

    const elf::MetadataView& module_;
    const KernelSymbols& symbols_;
    Output& output_;
};

}  // namespace

void apply_load_rules(const elf::MetadataView& module, const KernelSymbols& symbols, Output& output)
{
    Rules rules(module, symbols, output);
    rules.check_module();
    rules.check_vermagic();
    rules.check_exports();
    rules.check_versions();
    rules.check_licence();
}

std::string name_of_module(const elf::MetadataView& module, const std::string& path)
{
    const auto name = module.modinfo().find("name");
    return name ? normalised_name(*name) : module_name_from_path(path);
}

}  // namespace tenon::tools
