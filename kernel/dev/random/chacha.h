#pragma once

#include <array>
#include <bit>

#include "kernel/lib/types.h"

namespace tenon {

// The ChaCha20 block function of RFC 8439, section 2.3. Pure.
class ChaCha {
public:
    static constexpr usize key_words = 8;
    static constexpr usize block_words = 16;
    using Key = std::array<u32, key_words>;
    using Block = std::array<u32, block_words>;

    static constexpr Block block(const Key& key, u32 counter, const std::array<u32, 3>& nonce)
    {
        Block start{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
        for (usize i = 0; i < key_words; ++i)
            start[4 + i] = key[i];
        start[12] = counter;
        for (usize i = 0; i < nonce.size(); ++i)
            start[13 + i] = nonce[i];
        Block state = start;
        for (int round = 0; round < 10; ++round) {
            for (usize i = 0; i < 4; ++i)
                quarter(state[i], state[4 + i], state[8 + i], state[12 + i]);
            for (usize i = 0; i < 4; ++i)
                quarter(state[i], state[4 + (i + 1) % 4], state[8 + (i + 2) % 4], state[12 + (i + 3) % 4]);
        }
        for (usize i = 0; i < block_words; ++i)
            state[i] += start[i];
        return state;
    }

private:
    static constexpr void quarter(u32& a, u32& b, u32& c, u32& d)
    {
        a += b;
        d = std::rotl(d ^ a, 16);
        c += d;
        b = std::rotl(b ^ c, 12);
        a += b;
        d = std::rotl(d ^ a, 8);
        c += d;
        b = std::rotl(b ^ c, 7);
    }
};

}  // namespace tenon
