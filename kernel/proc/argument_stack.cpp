#include "kernel/proc/argument_stack.h"

#include <algorithm>
#include <cstring>

#include "kernel/lib/bits.h"
#include "kernel/mm/address_space.h"
#include "kernel/mm/ledger.h"
#include "kernel/mm/user_access.h"

namespace tenon {

namespace {

constexpr u64 page_count = ArgumentStack::limit / page_size;
// Most strings are shorter than this.
constexpr usize usual_string = 4096;
// Mapped at once below the arguments; the rest grows by faults.
constexpr u64 first_room = 32 * page_size;

}  // namespace

Result<std::unique_ptr<ArgumentStack>> ArgumentStack::create()
{
    std::unique_ptr<ArgumentStack> stack(new (std::nothrow) ArgumentStack);
    if (!stack)
        return fail(Errno::nomem);
    stack->pages_.reset(new (std::nothrow) PageRef[page_count]);
    if (!stack->pages_)
        return fail(Errno::nomem);
    return stack;
}

Result<> ArgumentStack::reserve(u64 size)
{
    if (size > position_)
        return fail(Errno::too_big);
    const u64 first = (position_ - size) / page_size;
    for (u64 page = first; page < page_count && !pages_[page]; ++page)
        pages_[page] = TRY(ledger::allocate_page(ledger::Kind::anonymous, frames::Zeroed::yes));
    position_ -= size;
    return {};
}

std::span<std::byte> ArgumentStack::bytes_at(u64 offset) const
{
    return pages_[offset / page_size].bytes().subspan(offset % page_size);
}

UserAddr ArgumentStack::position() const
{
    return top_ - (limit - position_);
}

u64 ArgumentStack::offset_of(UserAddr address) const
{
    return limit - (top_ - address);
}

Result<> ArgumentStack::push(std::span<const std::byte> data)
{
    TRY(reserve(data.size()));
    for (u64 done = 0; done < data.size();) {
        const auto room = bytes_at(position_ + done);
        const u64 count = std::min(room.size(), data.size() - done);
        std::memcpy(room.data(), data.data() + done, count);
        done += count;
    }
    return {};
}

Result<> ArgumentStack::push_string(std::string_view text)
{
    TRY(push(std::as_bytes(std::span("", 1))));
    return push(std::as_bytes(std::span(text)));
}

// Where a string goes is known when its end is, and by then it must be the kernel's: hence the copy in between.
Result<> ArgumentStack::push_user_string(UserPtr<const char> string)
{
    if (string_.bytes().empty())
        string_ = TRY(PageBuffer::allocate(usual_string));
    auto copied = user::copy_string(string_room(), string);
    if (!copied && copied.error() == Errno::nametoolong && string_.bytes().size() < longest_string) {
        string_ = TRY(PageBuffer::allocate(longest_string));
        copied = user::copy_string(string_room(), string);
    }
    if (!copied)
        return fail(copied.error() == Errno::nametoolong ? Errno::too_big : copied.error());
    return push_string(*copied);
}

std::span<char> ArgumentStack::string_room() const
{
    return {reinterpret_cast<char*>(string_.bytes().data()), string_.bytes().size()};
}

UserAddr ArgumentStack::after_string(UserAddr string) const
{
    for (u64 offset = offset_of(string); offset < limit;) {
        const auto bytes = bytes_at(offset);
        const void* end = std::memchr(bytes.data(), 0, bytes.size());
        if (end != nullptr)
            return top_ - (limit - offset) +
                   static_cast<u64>(static_cast<const std::byte*>(end) - bytes.data()) + 1;
        offset += bytes.size();
    }
    return top_;
}

void ArgumentStack::pop_string()
{
    position_ = offset_of(after_string(position()));
}

Result<UserAddr> ArgumentStack::reserve_words(u64 count)
{
    const u64 padding = (position_ - count * sizeof(u64)) % 16;
    TRY(reserve(count * sizeof(u64) + padding));
    return position();
}

void ArgumentStack::store_word(UserAddr address, u64 value)
{
    store_le(bytes_at(offset_of(address)), value);
}

Result<> ArgumentStack::install(AddressSpace& memory, u64 stack_limit)
{
    const UserAddr low(align_down(position().value(), page_size));
    AddressSpace::MapRequest stack;
    stack.hint = low - first_room;
    stack.size = top_ - stack.hint;
    stack.placement = AddressSpace::Placement::fixed;
    stack.access = arch::UserAccess::read | arch::UserAccess::write;
    stack.grows_down = GrowsDown::yes;
    TRY(memory.map(stack));
    memory.set_stack_limit(stack_limit);
    for (u64 page = offset_of(low) / page_size; page < page_count; ++page)
        TRY(memory.adopt_page(top_ - (limit - page * page_size), std::move(pages_[page])));
    return {};
}

}  // namespace tenon
