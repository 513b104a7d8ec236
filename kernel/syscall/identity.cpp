#include "kernel/syscall/identity.h"

#include <algorithm>

#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"

// User and group ids. An unprivileged process may only choose among those it has.

namespace tenon::syscall {

namespace {

constexpr u32 keep = ~u32{0};

Credentials& caller()
{
    return current_process().credentials;
}

Result<> check(const Credentials& who, u32 id, std::initializer_list<u32> allowed)
{
    if (id == keep || who.is_privileged() || std::find(allowed.begin(), allowed.end(), id) != allowed.end())
        return {};
    return fail(Errno::perm);
}

void assign(u32& field, u32 id)
{
    if (id != keep)
        field = id;
}

Result<u64> store_three(const Arguments& arguments, u32 first, u32 second, u32 third)
{
    TRY(user::store(arguments.pointer<u32>(0), first));
    TRY(user::store(arguments.pointer<u32>(1), second));
    TRY(user::store(arguments.pointer<u32>(2), third));
    return 0;
}

Result<u64> set_users(u32 user, u32 effective, u32 saved)
{
    Credentials& who = caller();
    for (const u32 id : {user, effective, saved})
        TRY(check(who, id, {who.user, who.effective_user, who.saved_user}));
    assign(who.user, user);
    assign(who.effective_user, effective);
    assign(who.saved_user, saved);
    return 0;
}

Result<u64> set_groups(u32 group, u32 effective, u32 saved)
{
    Credentials& who = caller();
    for (const u32 id : {group, effective, saved})
        TRY(check(who, id, {who.group, who.effective_group, who.saved_group}));
    assign(who.group, group);
    assign(who.effective_group, effective);
    assign(who.saved_group, saved);
    return 0;
}

}  // namespace

Result<u64> sys_getuid(const Arguments&)
{
    return caller().user;
}

Result<u64> sys_geteuid(const Arguments&)
{
    return caller().effective_user;
}

Result<u64> sys_getgid(const Arguments&)
{
    return caller().group;
}

Result<u64> sys_getegid(const Arguments&)
{
    return caller().effective_group;
}

Result<u64> sys_setuid(const Arguments& arguments)
{
    const u32 id = arguments.as_u32(0);
    return caller().is_privileged() ? set_users(id, id, id) : set_users(keep, id, keep);
}

Result<u64> sys_setgid(const Arguments& arguments)
{
    const u32 id = arguments.as_u32(0);
    return caller().is_privileged() ? set_groups(id, id, id) : set_groups(keep, id, keep);
}

Result<u64> sys_setreuid(const Arguments& arguments)
{
    const u32 effective = arguments.as_u32(1);
    return set_users(arguments.as_u32(0), effective, arguments.as_u32(0) != keep ? effective : keep);
}

Result<u64> sys_setregid(const Arguments& arguments)
{
    const u32 effective = arguments.as_u32(1);
    return set_groups(arguments.as_u32(0), effective, arguments.as_u32(0) != keep ? effective : keep);
}

Result<u64> sys_setresuid(const Arguments& arguments)
{
    return set_users(arguments.as_u32(0), arguments.as_u32(1), arguments.as_u32(2));
}

Result<u64> sys_setresgid(const Arguments& arguments)
{
    return set_groups(arguments.as_u32(0), arguments.as_u32(1), arguments.as_u32(2));
}

Result<u64> sys_getresuid(const Arguments& arguments)
{
    const Credentials& who = caller();
    return store_three(arguments, who.user, who.effective_user, who.saved_user);
}

Result<u64> sys_getresgid(const Arguments& arguments)
{
    const Credentials& who = caller();
    return store_three(arguments, who.group, who.effective_group, who.saved_group);
}

Result<u64> sys_getgroups(const Arguments& arguments)
{
    const Credentials& who = caller();
    if (arguments.as_int(0) < 0 || (arguments.as_u32(0) != 0 && arguments.as_u32(0) < who.group_count))
        return fail(Errno::inval);
    if (arguments.as_u32(0) != 0)
        TRY(user::copy_to(arguments.address(1), std::as_bytes(std::span(who.groups).first(who.group_count))));
    return who.group_count;
}

Result<u64> sys_setgroups(const Arguments& arguments)
{
    Credentials& who = caller();
    if (!who.is_privileged())
        return fail(Errno::perm);
    if (arguments.as_u32(0) > Credentials::max_groups)
        return fail(Errno::inval);
    std::array<u32, Credentials::max_groups> groups{};
    const std::span wanted = std::span(groups).first(arguments.as_u32(0));
    TRY(user::copy_from(std::as_writable_bytes(wanted), arguments.address(1)));
    who.groups = groups;
    who.group_count = wanted.size();
    return 0;
}

namespace {

struct CapabilityHeader {
    u32 version;
    int process;
};
constexpr u32 capability_version_3 = 0x2008'0522;

struct CapabilityData {
    u32 effective;
    u32 permitted;
    u32 inheritable;
};

Result<> check_capability_header(UserPtr<CapabilityHeader> pointer)
{
    CapabilityHeader header = TRY(user::load(pointer));
    if (header.version == capability_version_3)
        return {};
    header.version = capability_version_3;
    TRY(user::store(pointer, header));
    return fail(Errno::inval);
}

}  // namespace

// Capabilities are not split: a privileged process has all, another none.
Result<u64> sys_capget(const Arguments& arguments)
{
    TRY(check_capability_header(arguments.pointer<CapabilityHeader>(0)));
    if (arguments[1] == 0)
        return 0;
    const u32 all = caller().is_privileged() ? ~u32{0} : 0;
    const std::array<CapabilityData, 2> data{{{all, all, 0}, {all & 0x1ff, all & 0x1ff, 0}}};
    TRY(user::store(UserPtr<std::array<CapabilityData, 2>>(arguments[1]), data));
    return 0;
}

Result<u64> sys_capset(const Arguments& arguments)
{
    TRY(check_capability_header(arguments.pointer<CapabilityHeader>(0)));
    if (!caller().is_privileged())
        return fail(Errno::perm);
    return 0;
}

}  // namespace tenon::syscall
