#pragma once

#include "kernel/fs/pseudo/node.h"
#include "kernel/lib/ref.h"
#include "module/registry/registry.h"

namespace tenon {

// The tree /sys/module/NAME, made when somebody looks: loading a module costs nothing for it. Called with the registry's mutex
// held, which gives `modules`.
Result<Ref<pseudo::Directory>> make_module_directory(pseudo::Tree& tree, modreg::Registry::Modules& modules,
                                                     Ref<modreg::Module> module);

}  // namespace tenon
