#pragma once

#include <memory>
#include <optional>
#include <span>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/types.h"

namespace tenon {

// The bytes in a pipe: a ring in pieces that are allocated when they are first needed and kept. Not synchronised. Pure.
class PipeBuffer : NoCopy {
public:
    static constexpr usize piece_size = 4096;
    static constexpr usize default_capacity = 16 * piece_size;

    // The memory of a buffer. A large one takes long to let go of: who may not hold the processor so long does it piece by piece.
    using Piece = std::unique_ptr<std::byte[]>;
    struct Ring {
        usize count = 0;                  // of pieces; each is null until bytes come to stand in it
        std::unique_ptr<Piece[]> pieces;
        Piece spare;                      // of a fresh ring
    };
    // `capacity` is a multiple of piece_size. Empty when memory is exhausted.
    static std::optional<Ring> make_ring(usize capacity);

    usize capacity() const { return ring_.count * piece_size; }
    // The buffer goes over to `ring`, a fresh one, and what is in it moves along; `ring` is then the former one, with the pieces that are
    // not needed. Takes a time that grows with the number of pieces, not with that of bytes. False, with nothing changed: more is in the
    // buffer than `ring` holds.
    bool exchange(Ring& ring);
    // What is in it is lost, and its memory the caller's.
    Ring clear();

    usize readable() const { return end_ - start_; }
    usize writable() const { return capacity() - readable(); }
    usize allocated() const { return allocated_; }  // bytes of memory

    usize read(std::span<std::byte> out);
    // How many bytes were taken: fewer than given when it is full or memory is exhausted.
    usize write(std::span<const std::byte> data);

private:
    void take_piece(Ring& ring, usize first, usize number);

    // Positions only grow.
    usize start_ = 0;
    usize end_ = 0;
    usize allocated_ = 0;
    Ring ring_{.count = default_capacity / piece_size, .pieces = {}, .spare = {}};  // its pieces are null before anything was written
};

}  // namespace tenon
