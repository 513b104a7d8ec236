#include "module/load/link_module.h"

#include <optional>

#include "module/link/apply.h"
#include "module/link/image.h"
#include "module/link/resolve.h"
#include "module/load/description.h"
#include "module/load/start_sections.h"

namespace tenon::modload {
namespace {

using modreg::Module;
using modreg::Registry;

// Looks symbols up for one module and gathers whom it depends on.
class Resolver final : public modlink::SymbolResolver {
public:
    Resolver(Registry& registry, const Module& user, const elf::ObjectView& view, elf::Diagnostics& diagnostics)
        : registry_(registry), user_(user), view_(view), diagnostics_(diagnostics)
    {
    }

    Result<u64> resolve(std::string_view name, u32 hash) override
    {
        if (++count_ % symbols_between_pauses == 0)
            TRY(diagnostics_.pause_point());
        const auto provider = TRY(registry_.find_symbol(name, hash, wait_, diagnostics_));
        if (provider.owner == nullptr)
            return provider.value;
        if (provider.is_gpl_only && !is_gpl_compatible()) {
            provider.owner->put_reference();
            return fail(Errno::noent);
        }
        Result<> added = dependencies_.contains(*provider.owner) ? fail(Errno::exist) : dependencies_.add(*provider.owner, user_.name());
        if (!added)
            provider.owner->put_reference();
        if (!added && added.error() != Errno::exist)
            return fail(added.error());
        return provider.value;
    }

    modreg::Dependencies take_dependencies() { return std::move(dependencies_); }

private:
    static constexpr u32 symbols_between_pauses = 256;

    bool is_gpl_compatible()
    {
        if (!gpl_compatible_)
            gpl_compatible_ = has_gpl_compatible_license(view_);
        return *gpl_compatible_;
    }

    Registry& registry_;
    const Module& user_;
    const elf::ObjectView& view_;
    elf::Diagnostics& diagnostics_;
    modreg::Dependencies dependencies_;
    modreg::ProviderWait wait_;
    std::optional<bool> gpl_compatible_;
    u32 count_ = 0;
};

}  // namespace

Result<StartUp> link_module(const Environment& environment, const elf::ObjectView& view, elf::Source& source, Module& module,
                            elf::Diagnostics& diagnostics)
{
    const auto header = view.find_section(".gnu.linkonce.this_module");
    if (!header)
        return diagnostics.fail(Errno::noexec, "no module found in the object: section .gnu.linkonce.this_module is missing");
    const modlink::Relocator& relocator = environment.platform.relocator();
    const auto planned = modlink::Layout::plan(view, relocator, environment.platform.layout_options(), diagnostics);
    if (!planned)
        return fail(planned.error());
    const modlink::Layout& layout = *planned;
    modlink::Image& image = module.image;
    const auto places = TRY(image.place(view, layout, source, environment.platform.memory(), diagnostics));
    Resolver resolver(environment.registry, module, view, diagnostics);
    const auto bound = TRY(modlink::resolve(view, places, resolver, diagnostics));
    TRY(modlink::apply(view, layout, image, places, bound, relocator, diagnostics));
    const StartUp start = TRY(read_header(places[*header].place, image, module, diagnostics));
    TRY(check_start_sections(view, layout, places, start.constructors, diagnostics));
    TRY(image.seal_constant());
    if (!module.exceptions.empty()) [[unlikely]]
        TRY(environment.platform.add_exceptions(module.exceptions));
    TRY(module.sections.record(view, layout));
    TRY(environment.registry.publish(module, resolver.take_dependencies(), diagnostics));
    environment.platform.note_module(module);
    return start;
}

}  // namespace tenon::modload
