#include "module/load/load.h"

#include "module/elf/object_view.h"
#include "module/load/description.h"
#include "module/load/exceptions.h"
#include "module/load/link_module.h"
#include "module/load/start.h"

namespace tenon::modload {
namespace {

using modreg::Module;

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

// Passes on why the load failed, and lets others have the CPU meanwhile.
class LoadDiagnostics final : public elf::Diagnostics {
public:
    LoadDiagnostics(Report& report, Platform& platform) : report_(report), platform_(platform) {}

    void reason(std::string_view line) override { report_.reason(line); }
    void unresolved(std::string_view symbol) override { report_.unresolved(symbol); }
    Result<> pause_point() override { return platform_.resched_point(); }

private:
    Report& report_;
    Platform& platform_;
};

}  // namespace

Result<> load(const Environment& environment, const LoadRequest& request, Report& report)
{
    LoadDiagnostics diagnostics(report, environment.platform);
    const auto object = elf::ObjectView::read(request.source, diagnostics);
    if (!object)
        return fail(object.error());
    const elf::ObjectView& view = *object;
    if (view.symbols().empty())
        return diagnostics.fail(Errno::noexec, "module has no symbols (stripped?)");
    const Description description = TRY(read_description(view, request.vermagic, diagnostics));
    report.module_name.write(description.name);

    Ref<Module> module = TRY(environment.registry.reserve(description.name, diagnostics));
    module->forced = request.vermagic == Vermagic::ignore;
    Reservation entry(environment, std::move(module));
    const StartUp start = TRY(link_module(environment, view, request.source, entry.module(), diagnostics));
    request.source.finish();
    const Started started = run_start(environment, entry.module(), start, request.arguments, diagnostics);
    if (started.result || started.is_left_to_worker)
        entry.leave_to_others();
    return started.result;
}

}  // namespace tenon::modload
