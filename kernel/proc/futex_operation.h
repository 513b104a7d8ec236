#pragma once

#include <atomic>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

namespace tenon {

// The argument of FUTEX_WAKE_OP, decoded (futex(2)): 4 bits operation, 4 bits comparison, two signed operands of 12 bits.
class FutexOperation {
public:
    // Errno::nosys for what is not defined.
    static constexpr Result<FutexOperation> decode(u32 encoded)
    {
        FutexOperation decoded;
        const u32 operation = encoded >> 28 & 7;
        const u32 comparison = encoded >> 24 & 15;
        if (operation > last_operation || comparison > last_comparison)
            return fail(Errno::nosys);
        decoded.operation_ = static_cast<Operation>(operation);
        decoded.comparison_ = static_cast<Comparison>(comparison);
        decoded.operand_ = static_cast<u32>(static_cast<i32>(encoded << 8) >> 20);
        decoded.compared_ = static_cast<i32>(encoded << 20) >> 20;
        if ((encoded & operand_is_shift) != 0)
            decoded.operand_ = u32{1} << (decoded.operand_ & 31);
        return decoded;
    }

    // Returns the former value.
    u32 apply(std::atomic_ref<u32> word) const
    {
        switch (operation_) {
        case Operation::set: return word.exchange(operand_);
        case Operation::add: return word.fetch_add(operand_);
        case Operation::set_bits: return word.fetch_or(operand_);
        case Operation::clear_bits: return word.fetch_and(~operand_);
        case Operation::flip_bits: return word.fetch_xor(operand_);
        }
        return 0;
    }

    constexpr bool compares(u32 former) const
    {
        const auto value = static_cast<i32>(former);
        switch (comparison_) {
        case Comparison::equal: return value == compared_;
        case Comparison::not_equal: return value != compared_;
        case Comparison::less: return value < compared_;
        case Comparison::less_or_equal: return value <= compared_;
        case Comparison::greater: return value > compared_;
        case Comparison::greater_or_equal: return value >= compared_;
        }
        return false;
    }

private:
    enum class Operation : u8 { set, add, set_bits, clear_bits, flip_bits };
    enum class Comparison : u8 { equal, not_equal, less, less_or_equal, greater, greater_or_equal };
    static constexpr u32 last_operation = 4;
    static constexpr u32 last_comparison = 5;
    static constexpr u32 operand_is_shift = u32{1} << 31;

    Operation operation_ = Operation::set;
    Comparison comparison_ = Comparison::equal;
    u32 operand_ = 0;
    i32 compared_ = 0;
};

}  // namespace tenon
