#include "kernel/fs/name_cache.h"
#include "kernel/fs/permission.h"
#include "kernel/fs/pipe/pipe.h"
#include "kernel/fs/procfs/sysctl.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/page_cache.h"

namespace tenon::sysctl {
namespace {

Result<> set_largest_pipe(i64 size)
{
    Pipe::largest_size.store(Pipe::rounded_size(static_cast<usize>(size)));
    return {};
}

Result<> set_pipe_share(i64 pages)
{
    Pipe::pages_of_user.store(static_cast<usize>(pages));
    return {};
}

// 1: cached pages, 2: names and the inodes that only they hold, 3: both.
Result<> drop_caches(std::string_view text)
{
    enum What : i64 { pages = 1, names = 2 };
    const i64 what = TRY(parse_number(text));
    if (what < pages || what > (pages | names))
        return fail(Errno::inval);
    if ((what & names) != 0)
        NameCache::shrink(nullptr);
    if ((what & pages) != 0)
        page_cache::reclaim_until(frames::statistics().total_pages);
    return {};
}

template <std::atomic<u32> permission::Protection::* level>
Result<> add_protection(std::string_view path, i64 maximum)
{
    return add_number(path, {.get = [] { return i64{permission::protection.*level}; },
                             .set =
                                 [](i64 value) {
                                     permission::protection.*level = static_cast<u32>(value);
                                     return Result<>();
                                 },
                             .maximum = maximum});
}

}  // namespace

Result<> add_file_values()
{
    TRY(add_number("kernel/kptr_restrict", {.get = [] { return i64{1}; }}));  // what pseudo::AddressFile does
    TRY(add_number("fs/pipe-max-size", {.get = [] { return static_cast<i64>(Pipe::largest_size.load()); },
                                        .set = set_largest_pipe,
                                        .maximum = Pipe::hard_limit}));
    TRY(add_number("fs/pipe-user-pages-soft", {.get = [] { return static_cast<i64>(Pipe::pages_of_user.load()); }, .set = set_pipe_share}));
    TRY(add_protection<&permission::Protection::symlinks>("fs/protected_symlinks", 1));
    TRY(add_protection<&permission::Protection::hardlinks>("fs/protected_hardlinks", 1));
    TRY(add_protection<&permission::Protection::fifos>("fs/protected_fifos", 2));
    TRY(add_protection<&permission::Protection::regular>("fs/protected_regular", 2));
    TRY(add_text("fs/inode-nr", [](TextSink& out) { format_to(out, "{}\t0\n", Inode::count()); }));
    TRY(add_text("fs/inode-state", [](TextSink& out) { format_to(out, "{}\t0\t0\t0\t0\t0\t0\n", Inode::count()); }));
    TRY(add_text("vm/drop_caches", nullptr, drop_caches));
    return add_text("fs/dentry-state", [](TextSink& out) { format_to(out, "{}\t0\t0\t0\t0\t0\n", NameCache::size()); });
}

}  // namespace tenon::sysctl
