#pragma once

#include <utility>

#include "kernel/fs/file_time.h"
#include <tenon/fs.h>
#include <tenon/sync.h>

namespace tenon {

// The attributes of an object that has them in memory alone. Their lock is held for moments only: who asks for them, or changes them,
// never waits for what is being done to the object's content.
class StoredAttributes {
public:
    StoredAttributes(u64 number, u32 mode)
    {
        change([&](InodeAttributes& attributes) {
            attributes.number = number;
            attributes.mode = mode;
            attributes.accessed = attributes.modified = attributes.changed = file_time_now();
        });
    }

    InodeAttributes get() const
    {
        return attributes_.with([](const InodeAttributes& attributes) { return attributes; });
    }

    u64 size() const
    {
        return attributes_.with([](const InodeAttributes& attributes) { return attributes.size; });
    }

    void set_mode(u32 permissions)
    {
        change([&](InodeAttributes& attributes) {
            attributes.mode = (attributes.mode & mode::type_mask) | permissions;
            attributes.changed = file_time_now();
        });
    }

    void set_owner(u32 uid, u32 gid)
    {
        change([&](InodeAttributes& attributes) {
            attributes.uid = uid;
            attributes.gid = gid;
            attributes.changed = file_time_now();
        });
    }

    void set_times(TimeSpec accessed, TimeSpec modified)
    {
        change([&](InodeAttributes& attributes) {
            attributes.accessed = accessed;
            attributes.modified = modified;
            attributes.changed = file_time_now();
        });
    }

    // The content changes now, in a way that shows nowhere else.
    void touch()
    {
        change_content([](InodeAttributes&) {});
    }

    // `set` gets an InodeAttributes& and does not block.
    template <typename Set>
    void change(Set&& set)
    {
        attributes_.with(std::forward<Set>(set));
    }

    // The same for a change of the content, which happens now.
    template <typename Set>
    void change_content(Set&& set)
    {
        change([&](InodeAttributes& attributes) {
            set(attributes);
            attributes.modified = attributes.changed = file_time_now();
        });
    }

private:
    Guarded<InodeAttributes> attributes_;
};

}  // namespace tenon
