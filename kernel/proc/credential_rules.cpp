#include "kernel/proc/credential_rules.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace tenon::credential_rules {
namespace {

// Those that decide about files: setfsuid moves only them.
constexpr CapabilitySet file_capabilities{Capability::chown,      Capability::dac_override,    Capability::dac_read_search,
                                          Capability::fowner,     Capability::fsetid,          Capability::linux_immutable,
                                          Capability::mknod,      Capability::mac_override};

bool is_one_of(u32 id, std::initializer_list<u32> allowed)
{
    return std::find(allowed.begin(), allowed.end(), id) != allowed.end();
}

u32 choose(u32 wanted, u32 present)
{
    return wanted == keep ? present : wanted;
}

// The three forms of changing ids, the same for users and groups; `free` stands for CAP_SETUID or CAP_SETGID.

Result<Ids> set_one(const Ids& ids, u32 id, bool free)
{
    if (id == keep)
        return fail(Errno::inval);
    if (free)
        return Ids{id, id, id, id};
    if (!is_one_of(id, {ids.real, ids.saved}))
        return fail(Errno::perm);
    return Ids{ids.real, id, ids.saved, id};
}

Result<Ids> set_two(const Ids& ids, u32 real, u32 effective, bool free)
{
    if (!free && real != keep && !is_one_of(real, {ids.real, ids.effective}))
        return fail(Errno::perm);
    if (!free && effective != keep && !is_one_of(effective, {ids.real, ids.effective, ids.saved}))
        return fail(Errno::perm);
    Ids next{choose(real, ids.real), choose(effective, ids.effective), ids.saved, 0};
    if (real != keep || (effective != keep && effective != ids.real))
        next.saved = next.effective;
    next.file = next.effective;
    return next;
}

Result<Ids> set_three(const Ids& ids, u32 real, u32 effective, u32 saved, bool free)
{
    for (const u32 id : {real, effective, saved})
        if (!free && id != keep && !is_one_of(id, {ids.real, ids.effective, ids.saved}))
            return fail(Errno::perm);
    Ids next{choose(real, ids.real), choose(effective, ids.effective), choose(saved, ids.saved), 0};
    next.file = next.effective;
    return next;
}

bool may_have_for_files(const Ids& ids, u32 id, bool free)
{
    return id != keep && (free || is_one_of(id, {ids.real, ids.effective, ids.saved, ids.file}));
}

bool has_root(const Ids& ids)
{
    return ids.real == 0 || ids.effective == 0 || ids.saved == 0;
}

// capabilities(7), "Effect of user ID changes on capabilities".
CredentialValues with_users(CredentialValues who, const Ids& next)
{
    const Ids former = std::exchange(who.user, next);
    if ((who.secure_bits & secure_bit::no_setuid_fixup) != 0)
        return who;
    if (has_root(former) && !has_root(next)) {
        if ((who.secure_bits & secure_bit::keep_capabilities) == 0)
            who.permitted = who.effective = {};
        who.ambient = {};
    }
    if (former.effective == 0 && next.effective != 0)
        who.effective = {};
    if (former.effective != 0 && next.effective == 0)
        who.effective = who.permitted;
    return who;
}

}  // namespace

Result<CredentialValues> set_user(CredentialValues who, u32 id)
{
    const Ids next = TRY(set_one(who.user, id, who.has(Capability::setuid)));
    return with_users(std::move(who), next);
}

Result<CredentialValues> set_users(CredentialValues who, u32 real, u32 effective)
{
    const Ids next = TRY(set_two(who.user, real, effective, who.has(Capability::setuid)));
    return with_users(std::move(who), next);
}

Result<CredentialValues> set_users(CredentialValues who, u32 real, u32 effective, u32 saved)
{
    const Ids next = TRY(set_three(who.user, real, effective, saved, who.has(Capability::setuid)));
    return with_users(std::move(who), next);
}

CredentialValues set_file_user(CredentialValues who, u32 id)
{
    if (!may_have_for_files(who.user, id, who.has(Capability::setuid)))
        return who;
    const u32 former = std::exchange(who.user.file, id);
    if ((who.secure_bits & secure_bit::no_setuid_fixup) != 0)
        return who;
    if (former == 0 && id != 0)
        who.effective = who.effective.without(file_capabilities);
    if (former != 0 && id == 0)
        who.effective = who.effective | (who.permitted & file_capabilities);
    return who;
}

Result<CredentialValues> set_group(CredentialValues who, u32 id)
{
    who.group = TRY(set_one(who.group, id, who.has(Capability::setgid)));
    return who;
}

Result<CredentialValues> set_groups(CredentialValues who, u32 real, u32 effective)
{
    who.group = TRY(set_two(who.group, real, effective, who.has(Capability::setgid)));
    return who;
}

Result<CredentialValues> set_groups(CredentialValues who, u32 real, u32 effective, u32 saved)
{
    who.group = TRY(set_three(who.group, real, effective, saved, who.has(Capability::setgid)));
    return who;
}

CredentialValues set_file_group(CredentialValues who, u32 id)
{
    if (may_have_for_files(who.group, id, who.has(Capability::setgid)))
        who.group.file = id;
    return who;
}

Result<CredentialValues> set_capabilities(CredentialValues who, const ThreeSets& wanted)
{
    const bool inherits_more = !(who.inheritable | who.permitted).contains(wanted.inheritable);
    if ((inherits_more && !who.has(Capability::setpcap)) || !(who.inheritable | who.bounding).contains(wanted.inheritable) ||
        !who.permitted.contains(wanted.permitted) || !wanted.permitted.contains(wanted.effective))
        return fail(Errno::perm);
    who.effective = wanted.effective;
    who.permitted = wanted.permitted;
    who.inheritable = wanted.inheritable;
    who.ambient = who.ambient & who.permitted & who.inheritable;
    return who;
}

Result<CredentialValues> drop_bounding(CredentialValues who, Capability capability)
{
    if (!who.has(Capability::setpcap))
        return fail(Errno::perm);
    who.bounding = who.bounding.without({capability});
    return who;
}

Result<CredentialValues> raise_ambient(CredentialValues who, Capability capability)
{
    if (!who.permitted.contains(capability) || !who.inheritable.contains(capability) ||
        (who.secure_bits & secure_bit::no_ambient_raise) != 0)
        return fail(Errno::perm);
    who.ambient = who.ambient | CapabilitySet{capability};
    return who;
}

// A bit whose lock is set stays, and so does the lock.
Result<CredentialValues> set_secure_bits(CredentialValues who, u32 bits)
{
    const u32 locked = who.secure_bits & secure_bit::locks;
    const u32 frozen = locked | (locked >> 1);
    if ((bits & ~secure_bit::known) != 0 || ((bits ^ who.secure_bits) & frozen) != 0 || !who.has(Capability::setpcap))
        return fail(Errno::perm);
    who.secure_bits = bits;
    return who;
}

Result<CredentialValues> keep_capabilities(CredentialValues who, bool keep_them)
{
    if ((who.secure_bits & (secure_bit::keep_capabilities << 1)) != 0)
        return fail(Errno::perm);
    who.secure_bits &= ~secure_bit::keep_capabilities;
    if (keep_them)
        who.secure_bits |= secure_bit::keep_capabilities;
    return who;
}

// capabilities(7), "Transformation of capabilities during execve()", for files without capabilities of their own.
ProgramStart start_program(const CredentialValues& who, std::optional<u32> user, std::optional<u32> group)
{
    CredentialValues next = who;
    if (user && !who.no_new_privileges)
        next.user.effective = *user;
    if (group && !who.no_new_privileges)
        next.group.effective = *group;
    const bool changes_ids = next.user.effective != who.user.real || next.group.effective != who.group.real;

    const bool root_rules = (who.secure_bits & secure_bit::no_root) == 0;
    const bool as_root = root_rules && next.user.effective == 0;
    next.permitted = {};
    if (as_root || (root_rules && next.user.real == 0))
        next.permitted = who.bounding | who.inheritable;
    if (who.no_new_privileges)
        next.permitted = next.permitted & who.permitted;
    if (changes_ids)
        next.ambient = {};
    next.permitted = next.permitted | next.ambient;
    next.effective = as_root ? next.permitted : next.ambient;

    next.user.saved = next.user.file = next.user.effective;
    next.group.saved = next.group.file = next.group.effective;
    next.secure_bits &= ~secure_bit::keep_capabilities;
    return {.credentials = next, .is_secure = changes_ids || (next.user.real != 0 && as_root)};
}

CredentialValues with_real_ids(CredentialValues who)
{
    who.user.file = who.user.real;
    who.group.file = who.group.real;
    if ((who.secure_bits & secure_bit::no_setuid_fixup) == 0)
        who.effective = who.user.real == 0 ? who.permitted : CapabilitySet();
    return who;
}

bool protects_memory(const CredentialValues& before, const CredentialValues& after)
{
    return before.user.effective != after.user.effective || before.group.effective != after.group.effective ||
           before.user.file != after.user.file || before.group.file != after.group.file ||
           !before.permitted.contains(after.permitted);
}

}  // namespace tenon::credential_rules
