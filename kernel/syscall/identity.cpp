#include "kernel/syscall/identity.h"

#include <memory>
#include <new>

#include "kernel/mm/user_access.h"
#include "kernel/proc/credential_rules.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_table.h"

// User and group ids; what may become what stands in kernel/proc/credential_rules.cpp.

namespace tenon::syscall {

namespace {

Result<u64> store_three(const Arguments& arguments, const Ids& ids)
{
    TRY(user::store(arguments.pointer<u32>(0), ids.real));
    TRY(user::store(arguments.pointer<u32>(1), ids.effective));
    TRY(user::store(arguments.pointer<u32>(2), ids.saved));
    return 0;
}

}  // namespace

Result<u64> change_credentials(Result<CredentialValues> wanted)
{
    const CredentialValues values = TRY(std::move(wanted));
    auto made = TRY(Credentials::create(values));
    if (credential_rules::protects_memory(current_credentials(), values)) {
        current_process().memory->set_dumpable(false);
        LockGuard guard(process_table::lock);
        current_process().parent_death_signal = 0;
    }
    set_current_credentials(std::move(made));
    return 0;
}

Result<u64> sys_getuid(const Arguments&)
{
    return current_credentials().user.real;
}

Result<u64> sys_geteuid(const Arguments&)
{
    return current_credentials().user.effective;
}

Result<u64> sys_getgid(const Arguments&)
{
    return current_credentials().group.real;
}

Result<u64> sys_getegid(const Arguments&)
{
    return current_credentials().group.effective;
}

Result<u64> sys_setuid(const Arguments& arguments)
{
    return change_credentials(credential_rules::set_user(current_credentials(), arguments.as_u32(0)));
}

Result<u64> sys_setgid(const Arguments& arguments)
{
    return change_credentials(credential_rules::set_group(current_credentials(), arguments.as_u32(0)));
}

Result<u64> sys_setreuid(const Arguments& arguments)
{
    return change_credentials(credential_rules::set_users(current_credentials(), arguments.as_u32(0), arguments.as_u32(1)));
}

Result<u64> sys_setregid(const Arguments& arguments)
{
    return change_credentials(credential_rules::set_groups(current_credentials(), arguments.as_u32(0), arguments.as_u32(1)));
}

Result<u64> sys_setresuid(const Arguments& arguments)
{
    return change_credentials(credential_rules::set_users(current_credentials(), arguments.as_u32(0), arguments.as_u32(1),
                                                          arguments.as_u32(2)));
}

Result<u64> sys_setresgid(const Arguments& arguments)
{
    return change_credentials(credential_rules::set_groups(current_credentials(), arguments.as_u32(0), arguments.as_u32(1),
                                                           arguments.as_u32(2)));
}

// Both return the former id, whatever became of the wish.
Result<u64> sys_setfsuid(const Arguments& arguments)
{
    const u32 former = current_credentials().user.file;
    static_cast<void>(change_credentials(credential_rules::set_file_user(current_credentials(), arguments.as_u32(0))));
    return former;
}

Result<u64> sys_setfsgid(const Arguments& arguments)
{
    const u32 former = current_credentials().group.file;
    static_cast<void>(change_credentials(credential_rules::set_file_group(current_credentials(), arguments.as_u32(0))));
    return former;
}

Result<u64> sys_getresuid(const Arguments& arguments)
{
    return store_three(arguments, current_credentials().user);
}

Result<u64> sys_getresgid(const Arguments& arguments)
{
    return store_three(arguments, current_credentials().group);
}

Result<u64> sys_getgroups(const Arguments& arguments)
{
    const auto& list = current_credentials().supplementary_groups;
    const std::span<const u32> groups = list ? list->view() : std::span<const u32>();
    if (arguments.as_int(0) < 0 || (arguments.as_u32(0) != 0 && arguments.as_u32(0) < groups.size()))
        return fail(Errno::inval);
    if (arguments.as_u32(0) != 0)
        TRY(user::store_all(arguments.address(1), groups));
    return groups.size();
}

Result<u64> sys_setgroups(const Arguments& arguments)
{
    TRY(require(Capability::setgid));
    const u32 count = arguments.as_u32(0);
    if (count > GroupList::max_size)
        return fail(Errno::inval);
    const std::unique_ptr<u32[]> groups(new (std::nothrow) u32[count]);
    if (!groups)
        return fail(Errno::nomem);
    const std::span wanted(groups.get(), count);
    TRY(user::copy_from(std::as_writable_bytes(wanted), arguments.address(1)));
    CredentialValues next = current_credentials();
    next.supplementary_groups = TRY(GroupList::create(wanted));
    return change_credentials(std::move(next));
}

}  // namespace tenon::syscall
