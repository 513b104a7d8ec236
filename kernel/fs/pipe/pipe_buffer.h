#pragma once

#include <array>
#include <memory>
#include <span>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/types.h"

namespace tenon {

// The bytes in a pipe: a ring in pieces that are allocated when they are first needed and kept. Not synchronised. Pure.
class PipeBuffer : NoCopy {
public:
    static constexpr usize piece_size = 4096;
    static constexpr usize capacity = 16 * piece_size;

    usize readable() const { return end_ - start_; }
    usize writable() const { return capacity - readable(); }
    usize allocated() const { return allocated_; }  // bytes of memory

    usize read(std::span<std::byte> out);
    // How many bytes were taken: fewer than given when it is full or memory is exhausted.
    usize write(std::span<const std::byte> data);

private:
    // Positions only grow.
    usize start_ = 0;
    usize end_ = 0;
    usize allocated_ = 0;
    std::array<std::unique_ptr<std::byte[]>, capacity / piece_size> pieces_;
};

}  // namespace tenon
