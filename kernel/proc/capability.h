#pragma once

#include <initializer_list>

#include "kernel/lib/types.h"

namespace tenon {

// The rights that root is divided into, with the numbers of Linux's include/uapi/linux/capability.h; capabilities(7)
// says what each allows.
enum class Capability : u8 {
    chown = 0,
    dac_override = 1,
    dac_read_search = 2,
    fowner = 3,
    fsetid = 4,
    kill = 5,
    setgid = 6,
    setuid = 7,
    setpcap = 8,
    linux_immutable = 9,
    net_bind_service = 10,
    net_broadcast = 11,
    net_admin = 12,
    net_raw = 13,
    ipc_lock = 14,
    ipc_owner = 15,
    sys_module = 16,
    sys_rawio = 17,
    sys_chroot = 18,
    sys_ptrace = 19,
    sys_pacct = 20,
    sys_admin = 21,
    sys_boot = 22,
    sys_nice = 23,
    sys_resource = 24,
    sys_time = 25,
    sys_tty_config = 26,
    mknod = 27,
    lease = 28,
    audit_write = 29,
    audit_control = 30,
    setfcap = 31,
    mac_override = 32,
    mac_admin = 33,
    syslog = 34,
    wake_alarm = 35,
    block_suspend = 36,
    audit_read = 37,
    perfmon = 38,
    bpf = 39,
    checkpoint_restore = 40,
};
constexpr u64 capability_count = 41;

class CapabilitySet {
public:
    constexpr CapabilitySet() = default;
    constexpr CapabilitySet(std::initializer_list<Capability> members)
    {
        for (const Capability member : members)
            bits_ |= bit(member);
    }
    // Bits of capabilities that do not exist are dropped.
    static constexpr CapabilitySet from_bits(u64 bits)
    {
        CapabilitySet set;
        set.bits_ = bits & ((u64{1} << capability_count) - 1);
        return set;
    }
    static constexpr CapabilitySet all() { return from_bits(~u64{0}); }

    constexpr u64 bits() const { return bits_; }
    constexpr bool contains(Capability capability) const { return (bits_ & bit(capability)) != 0; }
    constexpr bool contains(CapabilitySet other) const { return (other.bits_ & ~bits_) == 0; }
    constexpr bool is_empty() const { return bits_ == 0; }
    constexpr CapabilitySet operator|(CapabilitySet other) const { return from_bits(bits_ | other.bits_); }
    constexpr CapabilitySet operator&(CapabilitySet other) const { return from_bits(bits_ & other.bits_); }
    constexpr CapabilitySet without(CapabilitySet other) const { return from_bits(bits_ & ~other.bits_); }
    constexpr bool operator==(const CapabilitySet&) const = default;

private:
    static constexpr u64 bit(Capability capability) { return u64{1} << static_cast<u8>(capability); }

    u64 bits_ = 0;
};

}  // namespace tenon
