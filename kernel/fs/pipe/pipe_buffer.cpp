#include "kernel/fs/pipe/pipe_buffer.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace tenon {

usize PipeBuffer::read(std::span<std::byte> out)
{
    const usize total = std::min(out.size(), readable());
    for (usize done = 0; done < total;) {
        const usize offset = start_ % piece_size;
        const usize count = std::min(total - done, piece_size - offset);
        std::memcpy(out.data() + done, pieces_[start_ % capacity / piece_size].get() + offset, count);
        start_ += count;
        done += count;
    }
    return total;
}

usize PipeBuffer::write(std::span<const std::byte> data)
{
    const usize total = std::min(data.size(), writable());
    for (usize done = 0; done < total;) {
        auto& piece = pieces_[end_ % capacity / piece_size];
        if (!piece) {
            piece.reset(new (std::nothrow) std::byte[piece_size]);
            if (!piece)
                return done;
            allocated_ += piece_size;
        }
        const usize offset = end_ % piece_size;
        const usize count = std::min(total - done, piece_size - offset);
        std::memcpy(piece.get() + offset, data.data() + done, count);
        end_ += count;
        done += count;
    }
    return total;
}

}  // namespace tenon
