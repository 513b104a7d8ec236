#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "kernel/lib/address.h"
#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/mm/page_buffer.h"
#include "kernel/mm/user_layout.h"
#include <tenon/page.h>

namespace tenon {

class AddressSpace;

// The start of a new program's stack while it is being filled, from the top down: strings first, then the block of
// words that the program finds at its stack pointer. Its pages become the stack's own.
class ArgumentStack : NoCopy {
public:
    static constexpr u64 limit = 2 * 1024 * 1024;
    static constexpr usize longest_string = 128 * 1024;  // with its NUL: MAX_ARG_STRLEN

    static Result<std::unique_ptr<ArgumentStack>> create();

    // Where the stack will end. Addresses that were given out before are void.
    void set_top(UserAddr top) { top_ = top; }

    // Each puts something below what is there. Errno::too_big, fault, nomem.
    Result<> push(std::span<const std::byte> data);
    Result<> push_string(std::string_view text);  // with a NUL
    Result<> push_user_string(UserPtr<const char> string);
    // Leaves bytes unused below what is there.
    Result<> reserve(u64 size);
    // Takes the lowest string off again.
    void pop_string();

    // The lowest byte, as an address of the new program.
    UserAddr position() const;
    // The address behind the string at `string`.
    UserAddr after_string(UserAddr string) const;

    // Reserves `count` words below everything, the first at a multiple of 16; then store_word fills them.
    Result<UserAddr> reserve_words(u64 count);
    void store_word(UserAddr address, u64 value);

    // Maps the stack region and hands the pages over.
    Result<> install(AddressSpace& memory, u64 stack_limit);

private:
    ArgumentStack() = default;
    std::span<std::byte> bytes_at(u64 offset) const;  // to the end of that page
    u64 offset_of(UserAddr address) const;

    std::span<char> string_room() const;

    PageBuffer string_;                 // a user string on its way
    UserAddr top_ = user_layout::stack_top;
    std::unique_ptr<PageRef[]> pages_;  // of [0, limit); those above position_ are there
    u64 position_ = limit;
};

}  // namespace tenon
