#include "kernel/syscall/system.h"

#include <algorithm>
#include <array>

#include "kernel/dev/random/random.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/shutdown.h"
#include "kernel/proc/system_name.h"
#include "kernel/thread/load_average.h"
#include <tenon/time.h>

// The machine and the kernel as a whole.

namespace tenon::syscall {

namespace {

constexpr usize name_field = 65;

struct SystemName {
    char system[name_field];
    char node[name_field];
    char release[name_field];
    char version[name_field];
    char machine[name_field];
    char domain[name_field];
};

Result<u64> set_system_name(const Arguments& arguments, Result<> (*set)(std::string_view))
{
    TRY(require(Capability::sys_admin));
    if (arguments[1] >= name_field)
        return fail(Errno::inval);
    char text[name_field] = {};
    TRY(user::copy_from(std::as_writable_bytes(std::span(text)).first(arguments[1]), arguments.address(0)));
    TRY(set({text, arguments[1]}));
    return 0;
}

template <usize size>
void put(char (&field)[size], std::string_view text)
{
    text.copy(field, size - 1);
}

// struct sysinfo of 64-bit Linux.
struct SystemInformation {
    i64 uptime = 0;
    std::array<u64, 3> loads{};  // 16 fraction bits
    u64 total_memory = 0;
    u64 free_memory = 0;
    u64 shared_memory = 0;
    u64 buffer_memory = 0;
    u64 total_swap = 0;
    u64 free_swap = 0;
    u16 processes = 0;
    std::array<u16, 3> padding{};
    u64 total_high = 0;
    u64 free_high = 0;
    u32 unit = 1;
    u32 end_padding = 0;
};
static_assert(sizeof(SystemInformation) == 112);

}  // namespace

Result<u64> sys_uname(const Arguments& arguments)
{
    SystemName name{};
    put(name.system, system_name::system());
    put(name.release, system_name::release());
    put(name.version, system_name::version());
    put(name.machine, "aarch64");
    put(name.node, system_name::host().view());
    put(name.domain, system_name::domain().view());
    TRY(user::store(arguments.pointer<SystemName>(0), name));
    return 0;
}

Result<u64> sys_sethostname(const Arguments& arguments)
{
    return set_system_name(arguments, system_name::set_host);
}

Result<u64> sys_setdomainname(const Arguments& arguments)
{
    return set_system_name(arguments, system_name::set_domain);
}

Result<u64> sys_sysinfo(const Arguments& arguments)
{
    const frames::Statistics memory = frames::statistics();
    SystemInformation information;
    information.uptime = static_cast<i64>(monotonic_now() / nanoseconds_per_second);
    for (usize index = 0; index < information.loads.size(); ++index)
        information.loads[index] = load_average::get(index) << (16 - load_average::fraction_bits);
    information.total_memory = memory.total_pages * page_size;
    information.free_memory = memory.free_pages * page_size;
    information.processes = static_cast<u16>(process_table::count());
    TRY(user::store(arguments.pointer<SystemInformation>(0), information));
    return 0;
}

Result<u64> sys_getrandom(const Arguments& arguments)
{
    // GRND_RANDOM names what is the default anyhow, and excludes GRND_INSECURE.
    constexpr u32 nonblock = 1;
    constexpr u32 random_pool = 2;
    constexpr u32 insecure = 4;
    constexpr usize largest = 32 * 1024 * 1024;
    constexpr usize never_cut_short = 256;  // getrandom(2)
    const u32 flags = arguments.as_u32(2);
    if ((flags & ~(nonblock | random_pool | insecure)) != 0 || (flags & (random_pool | insecure)) == (random_pool | insecure))
        return fail(Errno::inval);
    if ((flags & insecure) == 0) {
        if ((flags & nonblock) != 0 && !random::is_ready())
            return fail(Errno::again);
        TRY(random::wait_until_ready());
    }
    const usize size = std::min<u64>(arguments[1], largest);
    std::array<std::byte, 256> block;
    for (usize done = 0; done < size;) {
        const auto part = std::span(block).first(std::min(block.size(), size - done));
        random::fill(part);
        TRY(user::copy_to(arguments.address(0) + done, part));
        done += part.size();
        if (done >= never_cut_short && !signal_point())
            return done;
    }
    return size;
}

Result<u64> sys_getcpu(const Arguments& arguments)
{
    if (arguments[0] != 0)
        TRY(user::store(arguments.pointer<u32>(0), arch::cpu_index()));
    if (arguments[1] != 0)
        TRY(user::store(arguments.pointer<u32>(1), 0));
    return 0;
}

Result<u64> sys_personality(const Arguments& arguments)
{
    constexpr u32 query = 0xffff'ffff;
    const u32 wanted = arguments.as_u32(0);
    auto& personality = current_process().personality;
    if (wanted == query)
        return personality.load(std::memory_order_relaxed);
    if ((wanted & ~personality_flag::no_randomisation) != 0)
        return fail(Errno::inval);
    return personality.exchange(wanted, std::memory_order_relaxed);
}

Result<u64> sys_reboot(const Arguments& arguments)
{
    constexpr u32 magic = 0xfee1'dead;
    constexpr std::array<u32, 4> second_magics{672274793, 85072278, 369367448, 537993216};
    const bool valid = arguments.as_u32(0) == magic &&
                       std::find(second_magics.begin(), second_magics.end(), arguments.as_u32(1)) != second_magics.end();
    TRY(require(Capability::sys_boot));
    if (!valid)
        return fail(Errno::inval);
    TRY(shutdown::request(arguments.as_u32(2)));
    return 0;
}

}  // namespace tenon::syscall
