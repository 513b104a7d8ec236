#pragma once

#include <boost/intrusive/list.hpp>

#include "kernel/lib/text.h"
#include <tenon/module.h>

namespace tenon {

// What a reference is for.
struct Use {
    HolderKind kind = HolderKind::other;
    FixedText<88> subject;
};

// One reference to a module that says whose it is. On the module's list from hold() to let_go().
struct Holder : boost::intrusive::list_base_hook<> {
    ModuleHandle* module = nullptr;
    u64 sequence = 0;  // counts from 1, over all modules
    Use use;
};

}  // namespace tenon
