#include "kernel/fs/lock/lock_waits.h"

namespace tenon {
namespace {

// Longer chains are not found, so that the search stays within the kernel's stack; Linux looks no farther than 10.
constexpr unsigned max_depth = 10;

}  // namespace

bool LockWaits::would_deadlock(LockOwner owner, LockOwner holder)
{
    for (LockWait& wait : waits_)
        wait.seen = false;
    return leads_to(holder, owner, max_depth);
}

// Every wait is looked into once: several threads of one owner may wait.
bool LockWaits::leads_to(LockOwner from, LockOwner goal, unsigned depth)
{
    if (from == goal)
        return true;
    if (depth == 0)
        return false;
    for (LockWait& wait : waits_) {
        if (wait.wanted.owner != from || !wait.by_process || wait.seen)
            continue;
        wait.seen = true;
        if (leads_to(wait.blocker, goal, depth - 1))
            return true;
    }
    return false;
}

}  // namespace tenon
