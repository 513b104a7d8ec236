#include "kernel/thread/kernel_stack.h"

#include <array>
#include <bitset>
#include <optional>
#include <utility>

#include "kernel/mm/frames.h"
#include "kernel/mm/kernel_map.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/ledger.h"
#include "kernel/runtime/shadow.h"
#include "kernel/thread/thread.h"
#include <tenon/sync.h>

namespace tenon {
namespace {

constexpr u64 block_size = 2 * Thread::stack_size;
// Stacks that stay mapped for the next thread.
constexpr usize cached_limit = 32;

struct Stacks {
    Spinlock lock;
    std::bitset<layout::stack_limit> taken;  // protected by lock, as all below
    usize search_from = 0;
    std::array<KernelAddr, cached_limit> cached{};
    usize cached_count = 0;
};

constinit Stacks stacks;

std::optional<KernelAddr> take_cached()
{
    LockGuard guard(stacks.lock);
    if (stacks.cached_count == 0)
        return std::nullopt;
    return stacks.cached[--stacks.cached_count];
}

bool put_cached(KernelAddr top)
{
    LockGuard guard(stacks.lock);
    if (stacks.cached_count == cached_limit)
        return false;
    stacks.cached[stacks.cached_count++] = top;
    return true;
}

// The top of a block nobody uses.
Result<KernelAddr> take_block()
{
    LockGuard guard(stacks.lock);
    for (usize i = 0; i < layout::stack_limit; ++i) {
        const usize index = (stacks.search_from + i) % layout::stack_limit;
        if (stacks.taken[index])
            continue;
        stacks.taken[index] = true;
        stacks.search_from = index + 1;
        return KernelAddr(layout::stacks_base + (index + 1) * block_size);
    }
    return fail(Errno::nomem);
}

void release_block(KernelAddr top)
{
    const usize index = (top.value() - layout::stacks_base) / block_size - 1;
    LockGuard guard(stacks.lock);
    stacks.taken[index] = false;
    stacks.search_from = index;
}

// Unmaps the pages of [top - stack_size, +mapped) and frees their frames.
void unmap_stack(KernelAddr top, u64 mapped)
{
    const KernelAddr start = top - Thread::stack_size;
    for (u64 offset = 0; offset < mapped; offset += page_size) {
        const auto page = kernel_map::translate(start + offset);
        kernel_map::unmap(start + offset, page_size);
        if (page)
            frames::free(page->physical, 0);
    }
}

Result<> map_stack(KernelAddr top)
{
    const KernelAddr start = top - Thread::stack_size;
    for (u64 offset = 0; offset < Thread::stack_size; offset += page_size) {
        const auto frame = frames::allocate(0, frames::Zeroed::no);
        auto mapped = frame ? kernel_map::map(start + offset, *frame, page_size, kernel_map::Access::read_write)
                            : fail(frame.error());
        if (mapped)
            continue;
        if (frame)
            frames::free(*frame, 0);
        unmap_stack(top, offset);
        return mapped;
    }
    return {};
}

}  // namespace

Result<KernelStack> KernelStack::allocate()
{
    KernelStack stack;
    if (const auto cached = take_cached()) {
        stack.top_ = *cached;
        shadow::unpoison((stack.top_ - Thread::stack_size).pointer(), Thread::stack_size);  // whoever ended on it left marks
    } else {
        const KernelAddr top = TRY(take_block());
        if (const auto mapped = map_stack(top); !mapped) {
            release_block(top);
            return fail(mapped.error());
        }
        stack.top_ = top;
    }
    stack.payer_ = &ledger::current();
    stack.payer_->add(ledger::Kind::kernel_stacks, Thread::stack_size);
    return stack;
}

KernelStack::KernelStack(KernelStack&& other) noexcept
    : top_(std::exchange(other.top_, KernelAddr())), payer_(std::exchange(other.payer_, nullptr))
{
}

KernelStack& KernelStack::operator=(KernelStack&& other) noexcept
{
    std::swap(top_, other.top_);
    std::swap(payer_, other.payer_);
    return *this;
}

KernelStack::~KernelStack()
{
    if (top_.value() == 0)
        return;
    payer_->subtract(ledger::Kind::kernel_stacks, Thread::stack_size);
    if (put_cached(top_))
        return;
    unmap_stack(top_, Thread::stack_size);
    release_block(top_);
}

}  // namespace tenon
