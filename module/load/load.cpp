#include "module/load/load.h"

#include <algorithm>

#include "module/elf/object_view.h"
#include "module/link/apply.h"
#include "module/link/image.h"
#include "module/link/resolve.h"
#include "module/load/description.h"
#include "module/load/exceptions.h"
#include "module/load/header_reader.h"
#include "module/load/start.h"
#include "module/load/start_sections.h"

namespace tenon::modload {
namespace {

using modreg::Module;
using modreg::Registry;

// A name that is taken in the registry until the end of the load: gives it free again unless the module has become live, or is left
// to others. From then on they may remove it, so its state says nothing here.
class Reservation : NoCopy {
public:
    Reservation(const Environment& environment, Ref<Module> module) : environment_(environment), module_(std::move(module)) {}
    ~Reservation()
    {
        if (belongs_to_others_)
            return;
        release_image(environment_.platform, *module_);
        environment_.registry.forget(*module_);
    }
    Module& module() { return *module_; }
    void leave_to_others() { belongs_to_others_ = true; }

private:
    const Environment& environment_;
    Ref<Module> module_;
    bool belongs_to_others_ = false;
};

// Looks symbols up for one module and gathers whom it depends on.
class Resolver final : public modlink::SymbolResolver {
public:
    Resolver(Registry& registry, const elf::ObjectView& view, elf::Diagnostics& diagnostics)
        : registry_(registry), view_(view), diagnostics_(diagnostics)
    {
    }

    Result<u64> resolve(std::string_view name, u32 hash) override
    {
        const auto provider = TRY(registry_.find_symbol(name, hash, diagnostics_));
        if (provider.owner == nullptr)
            return provider.value;
        if (provider.is_gpl_only && !has_gpl_compatible_license(view_)) {
            provider.owner->put_reference();
            return fail(Errno::noent);
        }
        Result<> added = dependencies_.contains(*provider.owner) ? fail(Errno::exist) : dependencies_.add(*provider.owner);
        if (!added)
            provider.owner->put_reference();
        if (!added && added.error() != Errno::exist)
            return fail(added.error());
        return provider.value;
    }

    modreg::Dependencies take_dependencies() { return std::move(dependencies_); }

private:
    Registry& registry_;
    const elf::ObjectView& view_;
    elf::Diagnostics& diagnostics_;
    modreg::Dependencies dependencies_;
};

// Everything up to the point where the module's own code may run: the module is published (coming) then.
Result<StartUp> link(const Environment& environment, const elf::ObjectView& view, elf::Source& source, Module& module,
                     elf::Diagnostics& diagnostics)
{
    const auto header = view.find_section(".gnu.linkonce.this_module");
    if (!header)
        return diagnostics.fail(Errno::noexec, "no module found in the object: section .gnu.linkonce.this_module is missing");
    const modlink::Relocator& relocator = environment.platform.relocator();
    const auto layout =
        TRY(modlink::Layout::plan(view, relocator, environment.platform.layout_options(), diagnostics));
    modlink::Image& image = module.image;
    const auto places = TRY(image.place(view, layout, source, environment.platform.memory(), diagnostics));
    Resolver resolver(environment.registry, view, diagnostics);
    const auto bound = TRY(modlink::resolve(view, places, resolver, diagnostics));
    TRY(modlink::apply(view, layout, image, places, bound, relocator, diagnostics));
    const StartUp start = TRY(read_header(places[*header].place, image, module, diagnostics));
    TRY(check_start_sections(view, layout, places, start.constructors, diagnostics));
    TRY(image.seal_constant());
    if (!module.exceptions.empty()) [[unlikely]]
        TRY(environment.platform.add_exceptions(module.exceptions));
    TRY(module.sections.record(view, layout));
    TRY(environment.registry.publish(module, resolver.take_dependencies(), diagnostics));
    return start;
}

}  // namespace

Result<> load(const Environment& environment, const LoadRequest& request, Report& report)
{
    const auto view = TRY(elf::ObjectView::read(request.source, report));
    if (view.symbols().empty())
        return report.fail(Errno::noexec, "module has no symbols (stripped?)");
    const Description description = TRY(read_description(view, request.vermagic, report));
    report.module_name.write(description.name);

    Ref<Module> module = TRY(environment.registry.reserve(description.name, report));
    Reservation entry(environment, std::move(module));
    const StartUp start = TRY(link(environment, view, request.source, entry.module(), report));
    const Started started = run_start(environment, entry.module(), start, request.arguments, report);
    if (started.result || started.is_left_to_worker)
        entry.leave_to_others();
    return started.result;
}

}  // namespace tenon::modload
