#pragma once

#include <memory>
#include <string_view>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

namespace tenon {
struct Holder;
}

namespace tenon::modreg {

class Module;

// The modules whose symbols one module uses; holds one reference on each. Gives them back in its destructor. Movable.
class Dependencies : NoCopy {
public:
    Dependencies() = default;
    Dependencies(Dependencies&& other) noexcept;
    Dependencies& operator=(Dependencies&& other) noexcept;
    ~Dependencies();

    // Takes over a reference on `module` that the caller holds, for the module of the name `user`. Errno::nomem: the caller keeps it.
    Result<> add(Module& module, std::string_view user);
    bool contains(const Module& module) const;

private:
    std::unique_ptr<Holder*[]> holders_;
    u32 count_ = 0;
    u32 capacity_ = 0;
};

}  // namespace tenon::modreg
