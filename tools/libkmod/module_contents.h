#pragma once

#include <span>

#include "tools/lib/module_file.h"
#include "tools/libkmod/module.h"

namespace tenon::tools::libkmod {

// Gives `read` the unpacked bytes of the module's file, for as long as it runs. `Errno::noent` when no file is known.
template <typename Read>
auto with_contents(kmod_module& module, Read read) -> decltype(read(std::span<const std::byte>()))
{
    if (module.path.empty())
        module.resolve();
    if (module.path.empty())
        return fail(Errno::noent);
    const auto file = TRY(ModuleFile::open(module.path));
    Decompressor decompressor;
    const auto contents = TRY(decompressor.unpack(file.bytes()));
    return read(contents);
}

}  // namespace tenon::tools::libkmod
