#include "kernel/fs/pipe/pipe_buffer.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace tenon {

std::optional<PipeBuffer::Ring> PipeBuffer::make_ring(usize capacity)
{
    Ring ring;
    ring.count = capacity / piece_size;
    ring.pieces.reset(new (std::nothrow) Piece[ring.count]);
    ring.spare.reset(new (std::nothrow) std::byte[piece_size]);
    if (!ring.pieces || !ring.spare)
        return std::nullopt;
    return ring;
}

// Piece `number` of all that were ever written goes over; `first` is the one that is read next. In a ring that is nearly full the end may
// stand before the start in the same piece, here or there: then those bytes are copied.
void PipeBuffer::take_piece(Ring& ring, usize first, usize number)
{
    Piece& from = ring_.pieces[number % ring_.count];
    Piece& to = ring.pieces[(number - first) % ring.count];
    const bool shares_here = number != first && number % ring_.count == first % ring_.count;
    const bool shares_there = number != first && (number - first) % ring.count == 0;
    if (shares_here && shares_there)
        return;
    if (!shares_here && !shares_there) {
        to = std::move(from);
        return;
    }
    const std::byte* const bytes = shares_here ? ring.pieces[0].get() : from.get();
    if (shares_here)
        to = std::move(ring.spare);
    std::memcpy(to.get(), bytes, end_ % piece_size);
}

bool PipeBuffer::exchange(Ring& ring)
{
    const usize kept = readable();
    if (kept > ring.count * piece_size)
        return false;
    const usize first = start_ / piece_size;
    const usize behind = kept == 0 ? first : (end_ + piece_size - 1) / piece_size;
    for (usize number = first; number < behind; ++number)
        take_piece(ring, first, number);
    allocated_ = std::min(behind - first, ring.count) * piece_size;
    start_ %= piece_size;
    end_ = start_ + kept;
    std::swap(ring_, ring);
    ring_.spare.reset();
    return true;
}

PipeBuffer::Ring PipeBuffer::clear()
{
    start_ = end_ = allocated_ = 0;
    return std::exchange(ring_, Ring{.count = ring_.count, .pieces = {}, .spare = {}});
}

usize PipeBuffer::read(std::span<std::byte> out)
{
    const usize total = std::min(out.size(), readable());
    for (usize done = 0; done < total;) {
        const usize offset = start_ % piece_size;
        const usize count = std::min(total - done, piece_size - offset);
        std::memcpy(out.data() + done, ring_.pieces[start_ / piece_size % ring_.count].get() + offset, count);
        start_ += count;
        done += count;
    }
    return total;
}

usize PipeBuffer::write(std::span<const std::byte> data)
{
    if (!ring_.pieces)
        ring_.pieces.reset(new (std::nothrow) Piece[ring_.count]);
    if (!ring_.pieces)
        return 0;
    const usize total = std::min(data.size(), writable());
    for (usize done = 0; done < total;) {
        Piece& piece = ring_.pieces[end_ / piece_size % ring_.count];
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
