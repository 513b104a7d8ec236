#pragma once

#include <memory>
#include <span>

#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/mm/ledger.h"

namespace tenon {

// Supplementary groups, sorted; never changed, so that any number of credentials share one list.
class GroupList final : public RefCounted {
public:
    static constexpr usize max_size = 65536;  // NGROUPS_MAX of Linux

    // Errno::inval when there are too many, nomem.
    static Result<Ref<const GroupList>> create(std::span<const u32> groups);

    std::span<const u32> view() const { return {groups_.get(), size_}; }
    bool contains(u32 group) const;

private:
    GroupList(std::unique_ptr<u32[]> groups, usize size)
        : groups_(std::move(groups)), size_(size), charge_(ledger::Kind::credentials, sizeof(GroupList) + size * sizeof(u32))
    {
    }

    std::unique_ptr<u32[]> groups_;
    usize size_;
    ledger::Charge charge_;
};

}  // namespace tenon
