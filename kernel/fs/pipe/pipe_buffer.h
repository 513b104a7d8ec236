#pragma once

#include <memory>
#include <span>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/types.h"

namespace tenon {

// The bytes in a pipe: a ring in pieces that are allocated when they are first needed and kept. Not synchronised. Pure.
class PipeBuffer : NoCopy {
public:
    static constexpr usize piece_size = 4096;
    static constexpr usize default_capacity = 16 * piece_size;

    usize capacity() const { return capacity_; }
    // What is in it stays. `capacity` is a multiple of piece_size that is not less. False, with nothing changed: memory is exhausted.
    bool set_capacity(usize capacity);

    usize readable() const { return end_ - start_; }
    usize writable() const { return capacity_ - readable(); }
    usize allocated() const { return allocated_; }  // bytes of memory

    usize read(std::span<std::byte> out);
    // How many bytes were taken: fewer than given when it is full or memory is exhausted.
    usize write(std::span<const std::byte> data);

private:
    using Piece = std::unique_ptr<std::byte[]>;
    usize piece_count() const { return capacity_ / piece_size; }

    // Positions only grow.
    usize start_ = 0;
    usize end_ = 0;
    usize allocated_ = 0;
    usize capacity_ = default_capacity;
    std::unique_ptr<Piece[]> pieces_;  // piece_count() of them; null before anything was written
};

}  // namespace tenon
