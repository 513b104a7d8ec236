#include <array>
#include <optional>

#include "kernel/mm/user_access.h"
#include "kernel/proc/credential_rules.h"
#include "kernel/proc/process_table.h"
#include "kernel/syscall/identity.h"

// capget and capset, and what prctl does with capabilities.

namespace tenon::syscall {

namespace {

// struct __user_cap_header_struct and __user_cap_data_struct (include/uapi/linux/capability.h).
struct CapabilityHeader {
    u32 version;
    int process;
};
constexpr u32 version_1 = 0x1998'0330;  // one word for each set; 2 and 3 have two
constexpr u32 version_2 = 0x2007'1026;
constexpr u32 version_3 = 0x2008'0522;

struct CapabilityData {
    u32 effective;
    u32 permitted;
    u32 inheritable;
};
using DataWords = std::array<CapabilityData, 2>;

constexpr u32 low(CapabilitySet set)
{
    return static_cast<u32>(set.bits());
}

constexpr u32 high(CapabilitySet set)
{
    return static_cast<u32>(set.bits() >> 32);
}

constexpr CapabilitySet join(u32 low_word, u32 high_word)
{
    return CapabilitySet::from_bits(low_word | (u64{high_word} << 32));
}

struct Request {
    int process;
    usize data_size;
};

// Tells a caller of an unknown version which one to use.
Result<Request> read_header(UserPtr<CapabilityHeader> pointer)
{
    CapabilityHeader header = TRY(user::load(pointer));
    const usize size = header.version == version_1 ? sizeof(CapabilityData) : sizeof(DataWords);
    if (header.version == version_1 || header.version == version_2 || header.version == version_3)
        return Request{header.process, size};
    header.version = version_3;
    TRY(user::store(pointer, header));
    return fail(Errno::inval);
}

Result<Ref<const Credentials>> credentials_of(int id)
{
    if (id < 0)
        return fail(Errno::inval);
    if (id == 0)
        return Ref<const Credentials>(&current_credentials());
    const auto process = process_table::find(static_cast<u32>(id));
    if (!process)
        return fail(Errno::srch);
    return process->share_credentials();
}

Result<Capability> to_capability(u64 number)
{
    if (number >= capability_count)
        return fail(Errno::inval);
    return static_cast<Capability>(number);
}

// prctl(PR_CAP_AMBIENT).
Result<u64> control_ambient(const Arguments& arguments)
{
    enum Operation : u64 { is_set = 1, raise = 2, lower = 3, clear_all = 4 };
    CredentialValues next = current_credentials();
    if (arguments[3] != 0 || arguments[4] != 0 || (arguments[1] == clear_all && arguments[2] != 0))
        return fail(Errno::inval);
    if (arguments[1] == clear_all) {
        next.ambient = {};
        return change_credentials(std::move(next));
    }
    const Capability capability = TRY(to_capability(arguments[2]));
    switch (arguments[1]) {
    case is_set: return next.ambient.contains(capability) ? 1 : 0;
    case raise: return change_credentials(credential_rules::raise_ambient(std::move(next), capability));
    case lower:
        next.ambient = next.ambient.without({capability});
        return change_credentials(std::move(next));
    default: return fail(Errno::inval);
    }
}

Result<u64> set_no_new_privileges(const Arguments& arguments)
{
    if (arguments[1] != 1 || arguments[2] != 0 || arguments[3] != 0 || arguments[4] != 0)
        return fail(Errno::inval);
    CredentialValues next = current_credentials();
    next.no_new_privileges = true;
    return change_credentials(std::move(next));
}

Result<u64> set_dumpable(u64 wanted)
{
    if (wanted > 1)
        return fail(Errno::inval);
    current_process().memory->set_dumpable(wanted == 1);
    return 0;
}

}  // namespace

std::optional<Result<u64>> control_credentials(const Arguments& arguments)
{
    // Numbers of include/uapi/linux/prctl.h.
    enum Option : int {
        get_dumpable = 3,
        set_dumpable_ = 4,
        get_keep_capabilities = 7,
        set_keep_capabilities = 8,
        read_bounding = 23,
        drop_bounding = 24,
        get_secure_bits = 27,
        set_secure_bits = 28,
        set_no_new_privileges_ = 38,
        get_no_new_privileges = 39,
        ambient = 47,
    };
    const Credentials& who = current_credentials();
    switch (arguments.as_int(0)) {
    case get_dumpable: return current_process().memory->is_dumpable() ? 1 : 0;
    case set_dumpable_: return set_dumpable(arguments[1]);
    case get_keep_capabilities: return (who.secure_bits & secure_bit::keep_capabilities) != 0 ? 1 : 0;
    case set_keep_capabilities:
        if (arguments[1] > 1)
            return fail(Errno::inval);
        return change_credentials(credential_rules::keep_capabilities(who, arguments[1] == 1));
    case read_bounding:
    case drop_bounding: {
        const auto capability = to_capability(arguments[1]);
        if (!capability)
            return fail(capability.error());
        if (arguments.as_int(0) == read_bounding)
            return who.bounding.contains(*capability) ? 1 : 0;
        return change_credentials(credential_rules::drop_bounding(who, *capability));
    }
    case get_secure_bits: return who.secure_bits;
    case set_secure_bits: return change_credentials(credential_rules::set_secure_bits(who, arguments.as_u32(1)));
    case set_no_new_privileges_: return set_no_new_privileges(arguments);
    case get_no_new_privileges: return who.no_new_privileges ? 1 : 0;
    case ambient: return control_ambient(arguments);
    default: return std::nullopt;
    }
}

Result<u64> sys_capget(const Arguments& arguments)
{
    const auto request = read_header(arguments.pointer<CapabilityHeader>(0));
    if (!request && request.error() == Errno::inval && arguments[1] == 0)
        return 0;  // asked only for the version
    TRY(request);
    const auto who = TRY(credentials_of(request->process));
    const DataWords data{{{low(who->effective), low(who->permitted), low(who->inheritable)},
                          {high(who->effective), high(who->permitted), high(who->inheritable)}}};
    if (arguments[1] != 0)
        TRY(user::copy_to(arguments.address(1), std::as_bytes(std::span(data)).first(request->data_size)));
    return 0;
}

Result<u64> sys_capset(const Arguments& arguments)
{
    const auto request = TRY(read_header(arguments.pointer<CapabilityHeader>(0)));
    if (request.process != 0 && static_cast<u32>(request.process) != current_process().id)
        return fail(Errno::perm);
    DataWords data{};
    TRY(user::copy_from(std::as_writable_bytes(std::span(data)).first(request.data_size), arguments.address(1)));
    const credential_rules::ThreeSets wanted{.effective = join(data[0].effective, data[1].effective),
                                             .permitted = join(data[0].permitted, data[1].permitted),
                                             .inheritable = join(data[0].inheritable, data[1].inheritable)};
    return change_credentials(credential_rules::set_capabilities(current_credentials(), wanted));
}

}  // namespace tenon::syscall
