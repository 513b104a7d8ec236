#pragma once

#include <boost/intrusive/list.hpp>

#include "kernel/fs/lock/lock_list.h"

namespace tenon {

// One wait for a lock, on the stack of the thread that waits.
struct LockWait : boost::intrusive::list_base_hook<> {
    FileLock wanted;
    LockOwner blocker = nullptr;  // who holds what stands against it
    const LockList* list = nullptr;
    // Of a process. The lock of an open file description may be given back by others who have it, so it makes no deadlock.
    bool by_process = false;
    bool seen = false;            // by the search that is under way
};

// Who waits for whom. Not synchronised. Pure.
class LockWaits : NoCopy {
public:
    void add(LockWait& wait) { waits_.push_back(wait); }
    void remove(LockWait& wait) { waits_.erase(List::s_iterator_to(wait)); }

    // Whether `holder` itself waits, over any number of others, for something that `owner` holds: if `owner` waited for `holder`
    // now, nobody of them would ever go on.
    bool would_deadlock(LockOwner owner, LockOwner holder);

    template <typename Visit>
    void for_each(Visit&& visit) const
    {
        for (const LockWait& wait : waits_)
            visit(wait);
    }

private:
    using List = boost::intrusive::list<LockWait, boost::intrusive::constant_time_size<false>>;

    bool leads_to(LockOwner from, LockOwner goal, unsigned depth);

    List waits_;
};

}  // namespace tenon
