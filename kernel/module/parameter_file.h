#pragma once

#include "kernel/fs/pseudo/node.h"
#include "kernel/lib/ref.h"
#include "module/registry/module.h"

namespace tenon {

// /sys/module/NAME/parameters/PARAMETER. The module is pinned while its parameter is read or written; afterwards the file fails
// with Errno::nodev.
class ParameterFile final : public pseudo::TextFile {
public:
    ParameterFile(pseudo::Tree& tree, Ref<modreg::Module> module, const Parameter& parameter)
        : TextFile(tree, parameter.permissions & 0777), module_(std::move(module)), parameter_(parameter)
    {
    }

    Result<> generate(TextSink& out) override
    {
        const auto pin = TRY(ModuleReference::get(module_.get()));
        module_->parameters.print(parameter_, out);
        out.write("\n");
        return {};
    }

    Result<> store(std::string_view text) override
    {
        const auto pin = TRY(ModuleReference::get(module_.get()));
        return module_->parameters.set(parameter_, &text);
    }

private:
    Ref<modreg::Module> module_;
    const Parameter& parameter_;  // in the module's memory: used only while it is pinned
};

}  // namespace tenon
