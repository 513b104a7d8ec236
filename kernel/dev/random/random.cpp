#include "kernel/dev/random/random.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>

#include "kernel/arch.h"
#include "kernel/dev/random/chacha.h"
#include <tenon/sync.h>
#include <tenon/time.h>

namespace tenon::random {
namespace {

struct Generator {
    Spinlock lock;
    ChaCha::Key key{};  // protected by lock
    u64 requests = 0;   // protected by lock
};

Generator generator;

// Bits that an attacker may not know, cautiously estimated.
constexpr u32 bits_wanted = 8 * sizeof(ChaCha::Key);
constinit std::atomic<u32> bits{0};

void credit(u32 more)
{
    u32 now = bits.load(std::memory_order_relaxed);
    while (now < bits_wanted && !bits.compare_exchange_weak(now, std::min(now + more, bits_wanted), std::memory_order_acq_rel)) {
    }
}

// What one CPU has seen of interrupt times since it last passed them on; that CPU only, interrupts off.
struct alignas(64) Jitter {
    std::array<u64, 2> pool{};
    u32 events = 0;
    u32 device_events = 0;
};
constinit std::array<Jitter, arch::max_cpus> jitters;
constexpr u32 events_at_once = 64;

}  // namespace

void initialise()
{
    arch::take_boot_seed([](std::span<const std::byte> seed) {
        add_entropy(seed);
        credit(static_cast<u32>(std::min<usize>(seed.size(), sizeof(ChaCha::Key)) * 8));
    });
}

// The first half of block 0 becomes the next key, so that what was given out cannot be computed afterwards.
void fill(std::span<std::byte> out)
{
    ChaCha::Key key;
    std::array<u32, 3> nonce;
    {
        LockGuard guard(generator.lock);
        const u64 time = arch::counter();
        nonce = {static_cast<u32>(time), static_cast<u32>(time >> 32), static_cast<u32>(generator.requests++)};
        const auto block = ChaCha::block(generator.key, 0, nonce);
        std::copy_n(block.begin(), ChaCha::key_words, generator.key.begin());
        std::copy_n(block.begin() + ChaCha::key_words, ChaCha::key_words, key.begin());
    }
    u32 counter = 1;
    while (!out.empty()) {
        const auto block = ChaCha::block(key, counter++, nonce);
        const usize count = std::min(out.size(), sizeof(block));
        std::memcpy(out.data(), block.data(), count);
        out = out.subspan(count);
    }
}

bool is_ready()
{
    return bits.load(std::memory_order_acquire) == bits_wanted;
}

// Sleeping gives what is missing: how late a thread runs after its timer depends on everything that the machine does.
Result<> wait_until_ready()
{
    while (!is_ready()) {
        constexpr u64 pause = 1'000'000;  // nanoseconds
        TRY(sleep_for(pause, Interruptible::yes));
        const u64 time = arch::counter();
        add_entropy(std::as_bytes(std::span(&time, 1)));
        credit(1);
    }
    return {};
}

void add_entropy(std::span<const std::byte> data)
{
    LockGuard guard(generator.lock);
    while (!data.empty()) {
        std::array<u32, 3> piece{};
        const usize count = std::min(data.size(), sizeof(piece));
        std::memcpy(piece.data(), data.data(), count);
        const auto block = ChaCha::block(generator.key, static_cast<u32>(data.size()), piece);
        std::copy_n(block.begin(), ChaCha::key_words, generator.key.begin());
        data = data.subspan(count);
    }
}

// The cost is a few instructions for an interrupt; the generator gets the times of many at once. The timer's come at times that can be
// computed, so they are mixed in and not counted.
void note_interrupt(u32 number, FromDevice from_device)
{
    Jitter& jitter = jitters[arch::cpu_index()];
    jitter.pool[0] = std::rotl(jitter.pool[0], 7) ^ arch::counter();
    jitter.pool[1] = (jitter.pool[1] ^ jitter.pool[0]) * 0x9e37'79b9'7f4a'7c15 + number;
    jitter.device_events += from_device == FromDevice::yes ? 1 : 0;
    if (++jitter.events < events_at_once)
        return;
    jitter.events = 0;
    add_entropy(std::as_bytes(std::span(jitter.pool)));
    if (jitter.device_events >= events_at_once) {
        jitter.device_events = 0;
        credit(1);
    }
}

}  // namespace tenon::random
