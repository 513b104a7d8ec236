#pragma once

#include "kernel/fs/pseudo/node.h"
#include "kernel/lib/text.h"
#include "module/registry/registry.h"

// What /proc and /sys say about modules, in Linux's formats.

namespace tenon::module_text {

// All lines of /proc/modules: name, size, references, users, state, address, taints.
void write_modules(modreg::Registry& registry, TextSink& out, pseudo::Addresses addresses);
// All lines of /proc/kallsyms: address, type, name, [module].
void write_symbols(modreg::Registry& registry, TextSink& out, pseudo::Addresses addresses);

// Bytes that the module keeps after init.
u64 core_size(const modreg::Module& module);
// Bytes of the init regions; none once init is over.
u64 init_size(const modreg::Module& module);
// The letters of /sys/module/NAME/taint: P proprietary licence, F forced, O built outside the tree.
FixedText<4> taints(const modreg::Module& module);
// Whether `user` refers to symbols of `provider`.
bool depends_on(const modreg::Module& user, const modreg::Module& provider);

}  // namespace tenon::module_text
