#include "kernel/dev/random/random.h"

#include <algorithm>
#include <cstring>

#include "kernel/arch.h"
#include "kernel/dev/random/chacha.h"
#include <tenon/sync.h>

namespace tenon::random {
namespace {

struct Generator {
    Spinlock lock;
    ChaCha::Key key{};  // protected by lock
    u64 requests = 0;   // protected by lock
};

Generator generator;

}  // namespace

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

}  // namespace tenon::random
