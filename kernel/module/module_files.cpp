#include "kernel/module/module_files.h"

#include "kernel/fs/procfs/procfs.h"
#include "kernel/fs/sysfs/sysfs.h"
#include "kernel/module/module_directory.h"
#include "kernel/module/module_system.h"
#include "kernel/module/module_text.h"

namespace tenon {
namespace {

using modreg::Module;
using modreg::Registry;

// Before that, and once removal has begun, there is nothing to be read.
bool is_shown(const Module& module)
{
    return module.state() == modreg::State::coming || module.state() == modreg::State::live;
}

// /sys/module: one directory for each module.
class ModulesDirectory final : public pseudo::DynamicChildren {
public:
    Result<Ref<Inode>> lookup(std::string_view name) override
    {
        return module_system::registry().with_modules([&](Registry::Modules& modules) -> Result<Ref<Inode>> {
            for (Module& module : modules)
                if (module.name() == name && is_shown(module)) {
                    Ref<Module> held(&module);
                    return TRY(make_module_directory(sysfs::tree(), modules, std::move(held)));
                }
            return fail(Errno::noent);
        });
    }

    // The cookie counts modules from the oldest on, so that one that is loaded meanwhile comes last.
    Result<> read(u64 cookie, DirectorySink& sink) override
    {
        return module_system::registry().with_modules([&](Registry::Modules& modules) -> Result<> {
            u64 position = 0;
            for (auto module = modules.rbegin(); module != modules.rend(); ++module, ++position)
                if (position >= cookie && is_shown(*module) && !sink.emit(module->name(), position + 1, mode::directory, position + 1))
                    break;
            return {};
        });
    }
};

constinit ModulesDirectory modules_directory;

}  // namespace

Result<> create_module_files()
{
    const auto write_modules = [](TextSink& out, pseudo::Addresses addresses) {
        module_text::write_modules(module_system::registry(), out, addresses);
    };
    const auto write_symbols = [](TextSink& out, pseudo::Addresses addresses) {
        module_text::write_symbols(module_system::registry(), out, addresses);
    };
    TRY(procfs::root().add_address_file("modules", 0444, write_modules));
    TRY(procfs::root().add_address_file("kallsyms", 0444, write_symbols));
    const Ref<pseudo::Directory> folder = TRY(sysfs::root().make_directory("module"));
    TRY(folder->add_file("compression", 0444, [](TextSink& out) { out.write("zstd\n"); }));
    folder->set_dynamic(modules_directory);
    return {};
}

}  // namespace tenon
