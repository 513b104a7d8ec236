#include "modules/virtio_blk/transport.h"

namespace tenon::virtio {
namespace {

// Register offsets: virtio 1.2, tables 4.1 and (legacy) 4.2.
namespace reg {
constexpr usize magic = 0x000;
constexpr usize version = 0x004;
constexpr usize device_id = 0x008;
constexpr usize device_features = 0x010;
constexpr usize device_features_select = 0x014;
constexpr usize driver_features = 0x020;
constexpr usize driver_features_select = 0x024;
constexpr usize guest_page_size = 0x028;  // legacy
constexpr usize queue_select = 0x030;
constexpr usize queue_size_max = 0x034;
constexpr usize queue_size = 0x038;
constexpr usize queue_alignment = 0x03c;  // legacy
constexpr usize queue_page = 0x040;       // legacy
constexpr usize queue_ready = 0x044;
constexpr usize queue_notify = 0x050;
constexpr usize interrupt_status = 0x060;
constexpr usize interrupt_acknowledge = 0x064;
constexpr usize status = 0x070;
constexpr usize queue_descriptors = 0x080;
constexpr usize queue_available = 0x090;
constexpr usize queue_used = 0x0a0;
constexpr usize config_generation = 0x0fc;
constexpr usize config = 0x100;
}  // namespace reg

constexpr u32 magic_value = 0x74726976;  // "virt"

// Section 2.1.
constexpr u32 status_acknowledge = 1;
constexpr u32 status_driver = 2;
constexpr u32 status_driver_ok = 4;
constexpr u32 status_features_ok = 8;
constexpr u32 status_needs_reset = 64;
constexpr u32 status_failed = 128;

constexpr u32 interrupt_queue = 1;
constexpr u32 interrupt_configuration = 2;

}  // namespace

Result<Transport> Transport::open(PhysAddr registers, usize size, u32 device_id)
{
    if (size < reg::config + sizeof(u64))
        return fail(Errno::nodev);
    Transport transport;
    transport.registers_ = TRY(DeviceMemory::map(registers, size));
    transport.version_ = transport.registers_.read32(reg::version);
    const bool known = transport.registers_.read32(reg::magic) == magic_value &&
                       (transport.version_ == 1 || transport.version_ == 2) &&
                       transport.registers_.read32(reg::device_id) == device_id;
    if (!known)
        return fail(Errno::nodev);
    transport.reset();
    transport.add_status(status_acknowledge);
    transport.add_status(status_driver);
    return transport;
}

void Transport::add_status(u32 bits)
{
    registers_.write32(reg::status, registers_.read32(reg::status) | bits);
}

u64 Transport::offered_features() const
{
    registers_.write32(reg::device_features_select, 0);
    const u64 low = registers_.read32(reg::device_features);
    if (is_legacy())
        return low;
    registers_.write32(reg::device_features_select, 1);
    return low | (u64{registers_.read32(reg::device_features)} << 32);
}

Result<u64> Transport::negotiate(u64 wanted)
{
    const u64 required = is_legacy() ? 0 : bit(Feature::version_1);
    const u64 features = offered_features() & (wanted | required);
    if ((features & required) != required)
        return fail(Errno::opnotsupp);
    registers_.write32(reg::driver_features_select, 0);
    registers_.write32(reg::driver_features, static_cast<u32>(features));
    if (is_legacy()) {
        registers_.write32(reg::guest_page_size, page_size);
        return features;
    }
    registers_.write32(reg::driver_features_select, 1);
    registers_.write32(reg::driver_features, static_cast<u32>(features >> 32));
    add_status(status_features_ok);
    if ((registers_.read32(reg::status) & status_features_ok) == 0)
        return fail(Errno::opnotsupp);
    return features;
}

u32 Transport::queue_limit(u32 queue) const
{
    registers_.write32(reg::queue_select, queue);
    return registers_.read32(reg::queue_size_max);
}

Result<> Transport::start_queue(u32 queue, const Ring& ring, PhysAddr memory)
{
    registers_.write32(reg::queue_select, queue);
    registers_.write32(reg::queue_size, ring.size());
    if (is_legacy()) {
        if ((memory.value() >> page_shift) > ~u32{0})
            return fail(Errno::overflow);
        registers_.write32(reg::queue_alignment, Ring::alignment);
        registers_.write32(reg::queue_page, static_cast<u32>(memory.value() >> page_shift));
        return {};
    }
    const auto set_address = [&](usize offset, PhysAddr address) {
        registers_.write32(offset, static_cast<u32>(address.value()));
        registers_.write32(offset + 4, static_cast<u32>(address.value() >> 32));
    };
    set_address(reg::queue_descriptors, memory + ring.descriptors_offset());
    set_address(reg::queue_available, memory + ring.available_offset());
    set_address(reg::queue_used, memory + ring.used_offset());
    registers_.write32(reg::queue_ready, 1);
    return {};
}

void Transport::set_running()
{
    add_status(status_driver_ok);
}

void Transport::set_failed()
{
    add_status(status_failed);
}

// Reading back waits until the device has finished: section 4.2.2.1.
void Transport::reset()
{
    registers_.write32(reg::status, 0);
    while (registers_.read32(reg::status) != 0) {
    }
}

void Transport::notify(u32 queue) const
{
    registers_.write32(reg::queue_notify, queue);
}

bool Transport::wants_reset() const
{
    return (registers_.read32(reg::status) & status_needs_reset) != 0;
}

Transport::Causes Transport::take_interrupt() const
{
    const u32 causes = registers_.read32(reg::interrupt_status);
    if (causes != 0)
        registers_.write32(reg::interrupt_acknowledge, causes);
    return {(causes & interrupt_queue) != 0, (causes & interrupt_configuration) != 0};
}

u32 Transport::config32(usize offset) const
{
    return registers_.read32(reg::config + offset);
}

u64 Transport::config64(usize offset) const
{
    for (;;) {
        const u32 before = is_legacy() ? 0 : registers_.read32(reg::config_generation);
        const u64 value = config32(offset) | (u64{config32(offset + 4)} << 32);
        const u32 after = is_legacy() ? 0 : registers_.read32(reg::config_generation);
        if (before == after)
            return value;
    }
}

}  // namespace tenon::virtio
