#include "kernel/mm/ledger.h"

#include <new>
#include <string_view>

#include "kernel/mm/memory_limits.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/proc/credentials.h"
#include "kernel/thread/thread.h"
#include <tenon/sync.h>

namespace tenon::ledger {

// All accounts. Entries appear in order and stay. The first is the kernel's own, the second for users who find no other.
struct Accounts {
    static Account& at(usize index) { return *table[index].load(std::memory_order_acquire); }
    static usize size() { return count.load(std::memory_order_acquire); }

    static Account& find(u32 user)
    {
        LockGuard guard(lock);
        for (usize i = reserved; i < size(); ++i)
            if (at(i).user() == user)
                return at(i);
        if (Account* const fresh = make_locked(user))
            return *fresh;
        for (usize i = reserved; i < size(); ++i)
            if (at(i).used() == 0) {
                at(i).user_.store(user, std::memory_order_relaxed);
                return at(i);
            }
        return others;
    }

    static constexpr u32 nobody = ~u32{0};  // no user's number
    static inline constinit Account kernel{0, nobody};
    static inline constinit Account others{1, nobody};

private:
    static constexpr usize limit = 1024;
    static constexpr usize reserved = 2;

    static Account* make_locked(u32 user)
    {
        const usize index = size();
        Account* const account = index < limit ? new (std::nothrow) Account(static_cast<u16>(index), user) : nullptr;
        if (account == nullptr)
            return nullptr;
        table[index].store(account, std::memory_order_release);
        count.store(index + 1, std::memory_order_release);
        return account;
    }

    static inline constinit Spinlock lock;  // held to add an entry or to give one to another user
    static inline constinit std::array<std::atomic<Account*>, limit> table{&kernel, &others};
    static inline constinit std::atomic<usize> count{reserved};
};

namespace {

constexpr std::array<std::string_view, kinds> kind_names{
    "anonymous", "shared_memory", "file_pages", "page_tables", "pipes", "regions",
    "signals",   "texts",         "mounts",     "open_files",  "names", "calls",
    "locks",     "credentials",   "queued_signals", "kernel_stacks",
};

[[gnu::noinline]] Account& look_up(Thread& thread, u32 user)
{
    Account& account = Accounts::find(user);
    thread.account.store(&account, std::memory_order_relaxed);
    return account;
}

}  // namespace

u64 Account::used() const
{
    u64 sum = 0;
    for (const auto& each : used_)
        sum += each.load(std::memory_order_relaxed);
    return sum;
}

Account& current()
{
    Thread* const thread = arch::current_thread_if_any();
    if (thread == nullptr || thread->process() == nullptr)
        return Accounts::kernel;
    const u32 user = current_credentials().user.real;
    Account* const account = thread->account.load(std::memory_order_relaxed);
    if (account != nullptr && account->user() == user) [[likely]]
        return *account;
    return look_up(*thread, user);
}

Account& account_of(Thread& thread, u32 user)
{
    Account* const account = thread.account.load(std::memory_order_relaxed);
    return account != nullptr && account->user() == user ? *account : look_up(thread, user);
}

void book_frame(PhysAddr address, Kind kind)
{
    Account& account = current();
    Frame& frame = frames::descriptor(address);
    frame.booked_kind = static_cast<u8>(static_cast<u8>(kind) + 1);
    frame.account = account.index();
    account.add(kind, page_size << frame.order);
}

void unbook_frame(u16 account, u8 kind, unsigned order)
{
    Accounts::at(account).subtract(static_cast<Kind>(kind - 1), page_size << order);
}

Result<PageRef> allocate_page(Kind kind, frames::Zeroed zeroed)
{
    TRY(memory_limits::require_user_page());
    const PhysAddr frame = TRY(frames::allocate(0, zeroed));
    book_frame(frame, kind);
    return PageRef::adopt(frame);
}

Result<PhysAddr> allocate_table()
{
    TRY(memory_limits::require_user_page());
    const PhysAddr frame = TRY(frames::allocate(0, frames::Zeroed::yes));
    book_frame(frame, Kind::page_tables);
    return frame;
}

void describe(TextSink& out)
{
    out.write("user");
    for (const std::string_view name : kind_names)
        format_to(out, " {}", name);
    out.write("\n");
    for (usize i = 0; i < Accounts::size(); ++i) {
        const Account& account = Accounts::at(i);
        if (account.used() == 0)
            continue;
        if (&account == &Accounts::kernel)
            out.write("kernel");
        else if (&account == &Accounts::others)
            out.write("others");
        else
            format_to(out, "{}", account.user());
        for (usize kind = 0; kind < kinds; ++kind)
            format_to(out, " {}", account.used(static_cast<Kind>(kind)));
        out.write("\n");
    }
}

}  // namespace tenon::ledger
