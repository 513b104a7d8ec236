#include "kernel/fs/pipe/pipe_buffer.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace tenon {

// The ring gets pieces of its own and takes over what is in the former ones.
bool PipeBuffer::set_capacity(usize capacity)
{
    const usize kept = readable();
    const usize filled = (kept + piece_size - 1) / piece_size;
    std::unique_ptr<Piece[]> pieces(new (std::nothrow) Piece[capacity / piece_size]);
    if (!pieces)
        return false;
    for (usize index = 0; index < filled; ++index) {
        pieces[index].reset(new (std::nothrow) std::byte[piece_size]);
        if (!pieces[index])
            return false;
    }
    for (usize index = 0; index < filled; ++index)
        read({pieces[index].get(), piece_size});
    pieces_ = std::move(pieces);
    capacity_ = capacity;
    start_ = 0;
    end_ = kept;
    allocated_ = filled * piece_size;
    return true;
}

usize PipeBuffer::read(std::span<std::byte> out)
{
    const usize total = std::min(out.size(), readable());
    for (usize done = 0; done < total;) {
        const usize offset = start_ % piece_size;
        const usize count = std::min(total - done, piece_size - offset);
        std::memcpy(out.data() + done, pieces_[start_ % capacity_ / piece_size].get() + offset, count);
        start_ += count;
        done += count;
    }
    return total;
}

usize PipeBuffer::write(std::span<const std::byte> data)
{
    if (!pieces_)
        pieces_.reset(new (std::nothrow) Piece[piece_count()]);
    if (!pieces_)
        return 0;
    const usize total = std::min(data.size(), writable());
    for (usize done = 0; done < total;) {
        Piece& piece = pieces_[end_ % capacity_ / piece_size];
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
