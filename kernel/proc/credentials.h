#pragma once

#include "kernel/lib/no_copy.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/mm/ledger.h"
#include "kernel/proc/capability.h"
#include "kernel/proc/group_list.h"

namespace tenon {

// Flags that change the root user's rules (prctl(PR_SET_SECUREBITS), include/uapi/linux/securebits.h). The bit above each
// locks it.
namespace secure_bit {
constexpr u32 no_root = 1 << 0;             // exec gives uid 0 no capabilities
constexpr u32 no_setuid_fixup = 1 << 2;     // changes of the uid leave the capabilities alone
constexpr u32 keep_capabilities = 1 << 4;   // permitted survives leaving uid 0; cleared by exec
constexpr u32 no_ambient_raise = 1 << 6;
constexpr u32 known = 0xff;
constexpr u32 locks = 0xaa;
}  // namespace secure_bit

struct Ids {
    u32 real = 0;
    u32 effective = 0;
    u32 saved = 0;
    u32 file = 0;  // decides about files; follows the effective one unless setfsuid or setfsgid say otherwise

    bool operator==(const Ids&) const = default;
};

// Who somebody acts for (credentials(7)): a value, from which the rules of kernel/proc/credential_rules.h make others.
struct CredentialValues {
    Ids user;
    Ids group;
    Ref<const GroupList> supplementary_groups;  // empty: none
    CapabilitySet effective;
    CapabilitySet permitted;
    CapabilitySet inheritable;
    CapabilitySet bounding = CapabilitySet::all();
    CapabilitySet ambient;
    u32 secure_bits = 0;
    bool no_new_privileges = false;

    bool has(Capability capability) const { return effective.contains(capability); }
    // Whether the group decides for this user: the group for files, or a supplementary one.
    bool is_in_group(u32 id) const
    {
        return id == group.file || (supplementary_groups && supplementary_groups->contains(id));
    }
};

// Never changed once made: a thread's credentials are replaced as a whole, so whoever holds them sees one state.
class Credentials final : public RefCounted, public CredentialValues {
public:
    static Result<Ref<const Credentials>> create(const CredentialValues& values);
    // What kernel threads and init start with: uid 0 with every capability.
    static const Credentials& root() { return root_; }

private:
    explicit Credentials(const CredentialValues& values)
        : CredentialValues(values), charge_(ledger::Kind::credentials, sizeof(Credentials))
    {
    }
    constexpr Credentials() { effective = permitted = CapabilitySet::all(); }

    static const Credentials root_;

    ledger::Charge charge_;
};

// Those that the calling thread acts with; valid until it replaces them. Every context but interrupts.
const Credentials& current_credentials();

// Makes others the calling thread's own. They are in force when it returns.
void set_current_credentials(Ref<const Credentials> credentials);

// Whether the calling thread has the right: the one question that every privileged operation asks.
bool capable(Capability capability);
// The same as a result: Errno::perm without the right.
Result<> require(Capability capability);

// While it lives the calling thread acts with other credentials, and is still who it was for everybody else: access(2)
// asks for the real user, the kernel makes the files of devices as root whoever loads the driver. Threads of the kernel, whose
// credentials are root's, remain root.
class ActingAs : NoCopy {
public:
    explicit ActingAs(const Credentials& credentials);
    ~ActingAs();

private:
    const Credentials* former_ = nullptr;  // null: nothing has changed
};

}  // namespace tenon
