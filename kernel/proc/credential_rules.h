#pragma once

#include <optional>

#include "kernel/lib/result.h"
#include "kernel/proc/credentials.h"

// How credentials may become others: pure functions from what a caller has to what it gets (credentials(7),
// capabilities(7)). Errno::perm for what it may not have.

namespace tenon::credential_rules {

constexpr u32 keep = ~u32{0};  // an id that stays as it is

Result<CredentialValues> set_user(CredentialValues who, u32 id);                                   // setuid
Result<CredentialValues> set_users(CredentialValues who, u32 real, u32 effective);                 // setreuid
Result<CredentialValues> set_users(CredentialValues who, u32 real, u32 effective, u32 saved);      // setresuid
CredentialValues set_file_user(CredentialValues who, u32 id);                                      // setfsuid: refused in silence

Result<CredentialValues> set_group(CredentialValues who, u32 id);
Result<CredentialValues> set_groups(CredentialValues who, u32 real, u32 effective);
Result<CredentialValues> set_groups(CredentialValues who, u32 real, u32 effective, u32 saved);
CredentialValues set_file_group(CredentialValues who, u32 id);

struct ThreeSets {
    CapabilitySet effective;
    CapabilitySet permitted;
    CapabilitySet inheritable;
};
Result<CredentialValues> set_capabilities(CredentialValues who, const ThreeSets& wanted);  // capset
Result<CredentialValues> drop_bounding(CredentialValues who, Capability capability);       // prctl(PR_CAPBSET_DROP)
Result<CredentialValues> raise_ambient(CredentialValues who, Capability capability);       // prctl(PR_CAP_AMBIENT_RAISE)
Result<CredentialValues> set_secure_bits(CredentialValues who, u32 bits);                  // prctl(PR_SET_SECUREBITS)
Result<CredentialValues> keep_capabilities(CredentialValues who, bool keep_them);          // prctl(PR_SET_KEEPCAPS)

// What a program runs with.
struct ProgramStart {
    CredentialValues credentials;
    bool is_secure = false;  // AT_SECURE: it has rights that its caller lacks, so it must not trust the environment
};
// `user` and `group`: the owners of a set-user-id or set-group-id program.
ProgramStart start_program(const CredentialValues& who, std::optional<u32> user, std::optional<u32> group);

// What access(2) asks with: the real ids, and the capabilities that these would have.
CredentialValues with_real_ids(CredentialValues who);

// Whether the change gives the process something that those who could look into it before may lack.
bool protects_memory(const CredentialValues& before, const CredentialValues& after);

}  // namespace tenon::credential_rules
