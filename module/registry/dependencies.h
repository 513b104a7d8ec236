#pragma once

#include <memory>
#include <span>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

namespace tenon::modreg {

class Module;

// The modules whose symbols one module uses; holds one reference on each. Gives them back in its destructor. Movable.
class Dependencies : NoCopy {
public:
    Dependencies() = default;
    Dependencies(Dependencies&& other) noexcept;
    Dependencies& operator=(Dependencies&& other) noexcept;
    ~Dependencies();

    // Takes over a reference on `module` that the caller holds. Errno::nomem: the caller keeps it.
    Result<> add(Module& module);
    bool contains(const Module& module) const;
    std::span<Module* const> modules() const { return {modules_.get(), count_}; }

private:
    std::unique_ptr<Module*[]> modules_;
    u32 count_ = 0;
    u32 capacity_ = 0;
};

}  // namespace tenon::modreg
