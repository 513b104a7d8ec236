#pragma once

#include "kernel/fs/pseudo/node.h"
#include "kernel/lib/ref.h"
#include "module/registry/module.h"
#include "module/registry/visit.h"

namespace tenon {

// /sys/module/NAME/parameters/PARAMETER. Removal waits while the module's parameter is read or written, and is not refused: else everybody
// who may look at one could keep the module. Afterwards the file fails with Errno::nodev.
class ParameterFile final : public pseudo::TextFile {
public:
    ParameterFile(pseudo::Tree& tree, Ref<modreg::Module> module, const Parameter& parameter)
        : TextFile(tree, parameter.permissions & 0777), module_(std::move(module)), parameter_(parameter)
    {
    }

    Result<> generate(TextSink& out) override
    {
        const auto visit = TRY(modreg::Visit::begin(module_));
        module_->parameters.print(parameter_, out);
        out.write("\n");
        return {};
    }

    Result<> store(std::string_view text) override
    {
        const auto visit = TRY(modreg::Visit::begin(module_));
        return module_->parameters.set(parameter_, &text);
    }

private:
    Ref<modreg::Module> module_;
    const Parameter& parameter_;  // in the module's memory: used only during a visit
};

}  // namespace tenon
