#pragma once

#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/page.h>

namespace tenon {

// Where the pages of a mapping come from when they are first touched.
class PageSource : public RefCounted {
public:
    virtual ~PageSource() = default;
    // Errno::nxio past the end of the object, io, nomem. May block.
    virtual Result<PageRef> page(u64 index) = 0;
    // Whose pages these are: the same for all sources of one file, and in being as long as this is.
    virtual const void* object() const { return this; }
    // Device, inode number and name, for /proc/PID/maps.
    struct Identity {
        u64 device = 0;
        u64 inode = 0;
    };
    virtual Identity identity() const { return {}; }
    virtual void print_name(TextSink&) const {}
};

}  // namespace tenon
