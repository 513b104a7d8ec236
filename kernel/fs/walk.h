#pragma once

#include <memory>
#include <string_view>

#include "kernel/fs/path.h"
#include "kernel/fs/path_text.h"

namespace tenon {

// The way through a path name. It stops before the last component, so that callers can look at, follow or make what that
// component names:
//
//     auto walk = TRY(Walk::start(base, "/tmp/x/y"));
//     TRY(walk.to_last());        // walk.directory() is /tmp/x, walk.last() is "y"
class Walk {
public:
    static constexpr unsigned max_links = 40;

    // `name` stays valid during the walk. Errno::noent for an empty name.
    static Result<Walk> start(const Path& base, std::string_view name, const vfs::ResolveRules& rules = {});

    // Goes through all components but the last. Each directory on the way, the last one too, must let the caller
    // search it. Errno::noent, notdir, acces, loop, nametoolong; xdev and again as the rules say.
    Result<> to_last();
    // After to_last: none when the name was "/" alone; "." and ".." are possible.
    bool has_last() const { return !head_.name.empty(); }
    std::string_view last() const { return head_.name; }
    bool wants_directory() const { return head_.wants_directory; }
    const Path& directory() const { return at_; }

    // What the last component names, with mounts crossed; its inode may be absent. The walk stays where it is.
    Result<Path> look_up_last() const;
    // Replaces the last component by the target of `link`, which it names; to_last() goes on. Errno::acces for a link in a sticky
    // directory that may be a trap (/proc/sys/fs/protected_symlinks).
    Result<> follow(const Path& link);
    // Whether the rules let a link be followed; a link of /proc/PID that leads to `file` itself and not to a name.
    Result<> require_link() const;
    Result<> require_magic_link() const;

private:
    Result<> step();
    Result<> follow_any(const Path& link);
    Result<> go_to(const Path& place);
    Result<Path> checked_up() const;
    Result<> require_search() const;
    Path up() const;

    vfs::ResolveRules rules_;
    Path root_;                // "/" leads here and ".." not above it
    Path at_;
    path_text::Head head_;     // the last component once to_last has been there
    std::string_view rest_;    // not walked yet
    std::unique_ptr<char[]> text_;  // what rest_ points into after a link was followed
    unsigned links_ = 0;
};

}  // namespace tenon
