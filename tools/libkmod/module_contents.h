#pragma once

#include <utility>

#include "tools/lib/module_file.h"
#include "tools/libkmod/module.h"

namespace tenon::tools::libkmod {

// Gives `read` the module's file and what it says about itself, for as long as it runs. `Errno::noent` when no file is known.
template <typename Read>
auto with_contents(kmod_module& module, Read read) -> decltype(read(std::declval<ModuleFile&>(), std::declval<const elf::MetadataView&>()))
{
    if (module.path.empty())
        module.resolve();
    if (module.path.empty())
        return fail(Errno::noent);
    ModuleFile file;
    TRY(file.open(module.path));
    elf::MetadataView::Storage storage;
    const elf::MetadataView view = TRY(file.view(storage));
    return read(file, view);
}

}  // namespace tenon::tools::libkmod
