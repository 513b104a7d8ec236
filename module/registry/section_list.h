#pragma once

#include <memory>
#include <string_view>

#include "kernel/lib/result.h"
#include "module/elf/object_view.h"
#include "module/link/layout.h"

namespace tenon::modreg {

// The names of a module's loaded sections and where they are in their regions, for debuggers: /sys/module/NAME/sections. One block of
// memory, made from the object's own tables without looking at a name. Immutable once recorded; movable.
class SectionList {
public:
    struct Section {
        std::string_view name;
        modlink::Region region;
        u64 offset;
    };

    // Errno::nomem. An object with more sections or names than a list is good for gets none.
    Result<> record(const elf::ObjectView& view, const modlink::Layout& layout);

    u32 size() const { return count_; }
    Section operator[](u32 index) const;

private:
    struct Entry {
        u32 offset;
        u16 name;
        modlink::Region region;
    };

    std::unique_ptr<Entry[]> entries_;  // the names' text stands behind the last one
    u32 count_ = 0;
};

}  // namespace tenon::modreg
