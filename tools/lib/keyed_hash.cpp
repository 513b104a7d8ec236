#include "tools/lib/keyed_hash.h"

#include <bit>
#include <cstring>
#include <ctime>
#include <sys/random.h>
#include <unistd.h>

namespace tenon::tools {

namespace {

struct State {
    u64 v0, v1, v2, v3;

    void round()
    {
        v0 += v1;
        v2 += v3;
        v1 = std::rotl(v1, 13) ^ v0;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 = std::rotl(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = std::rotl(v1, 17) ^ v2;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 = std::rotl(v2, 32);
    }

    void take(u64 word)
    {
        v3 ^= word;
        round();
        v0 ^= word;
    }
};

u64 little_endian(const char* bytes, std::size_t count)
{
    u64 word = 0;
    std::memcpy(&word, bytes, count);
    return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

// Early in a start-up there may be no random numbers yet: then what an attacker does not know well must do.
HashKey draw_key()
{
    HashKey key{};
    if (getrandom(&key, sizeof(key), GRND_NONBLOCK) == static_cast<ssize_t>(sizeof(key)))
        return key;
    struct timespec now {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return {static_cast<u64>(now.tv_nsec) << 32 | static_cast<u32>(getpid()), reinterpret_cast<u64>(&now)};
}

}  // namespace

u64 keyed_hash(std::string_view text, const HashKey& key)
{
    constexpr std::size_t word_size = sizeof(u64);
    State state{key.low ^ 0x736f6d6570736575, key.high ^ 0x646f72616e646f6d, key.low ^ 0x6c7967656e657261, key.high ^ 0x7465646279746573};
    const std::size_t whole = text.size() / word_size * word_size;
    for (std::size_t at = 0; at < whole; at += word_size)
        state.take(little_endian(text.data() + at, word_size));
    state.take(little_endian(text.data() + whole, text.size() - whole) | u64{text.size()} << 56);
    state.v2 ^= 0xff;
    for (int rounds = 0; rounds < 3; ++rounds)
        state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

u64 keyed_hash(std::string_view text)
{
    static const HashKey key = draw_key();
    return keyed_hash(text, key);
}

}  // namespace tenon::tools
