#include "module/load/load.h"
#include "module/load/start.h"

namespace tenon::modload {

Result<> unload(const Environment& environment, std::string_view name, Report& report)
{
    report.module_name.write(name);
    const Ref<modreg::Module> module = TRY(environment.registry.begin_removal(name, report));
    if (module->exit != nullptr)
        module->exit();
    module->run_destructors();
    environment.platform.note_return(*module, "exit");
    environment.registry.withdraw(*module);
    release_memory(environment, *module);
    environment.registry.forget(*module);
    return {};
}

}  // namespace tenon::modload
