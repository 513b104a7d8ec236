#include "kernel/thread/sanitizer/lock_order.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "kernel/arch.h"
#include "kernel/lib/bug.h"
#include "kernel/lib/text.h"
#include "kernel/thread/thread.h"
#include <tenon/log.h>

namespace tenon::lock_order {
namespace {

constexpr u8 most_classes = 255;

// Where a class of locks is made. A copy: what the compiler has of it goes with its module.
struct Place {
    FixedText<90> function;
    FixedText<70> file;
    u32 line = 0;
    u32 column = 0;

    Place() = default;
    explicit Place(const std::source_location& place) : line(place.line()), column(place.column())
    {
        function.write(place.function_name());
        file.write(place.file_name());
    }
    bool is(const std::source_location& place) const
    {
        return line == place.line() && column == place.column() && std::string_view(place.file_name()).starts_with(file.view()) &&
               std::string_view(place.function_name()).starts_with(function.view());
    }
};

// Everything that is known; a lock of the kernel's own kind would ask it about itself.
struct Knowledge {
    std::atomic_flag busy;
    std::array<Place, most_classes + 1> places;                // from 1
    std::array<std::array<u64, 4>, most_classes + 1> follows;   // a bit for each class that was taken with this one held
    u8 classes = 0;
};
constinit Knowledge known{};

class KnowledgeGuard : NoCopy {
public:
    // litmus: Locks.Spinlock
    KnowledgeGuard() : interrupts_(arch::disable_interrupts())
    {
        while (known.busy.test_and_set(std::memory_order_acquire))
            arch::relax();
    }
    // litmus: Locks.Spinlock
    ~KnowledgeGuard()
    {
        known.busy.clear(std::memory_order_release);
        arch::restore_interrupts(interrupts_);
    }

private:
    u64 interrupts_;
};

// 0 when there are too many classes: that lock is not watched.
u8 number_of(const LockClass& lock)
{
    if (const u8 number = lock.number().load(std::memory_order_relaxed); number != 0)
        return number;
    KnowledgeGuard guard;
    u8 number = 1;
    while (number <= known.classes && !known.places[number].is(lock.place()))
        ++number;
    if (number > known.classes) {
        if (known.classes == most_classes)
            return 0;
        known.places[number] = Place(lock.place());
        known.classes = number;
    }
    lock.number().store(number, std::memory_order_relaxed);
    return number;
}

bool follows(u8 first, u8 second)
{
    return (std::atomic_ref(known.follows[first][second / 64]).load(std::memory_order_relaxed) >> second % 64 & 1) != 0;
}

// How a lock of class `from` leads to one of class `to`: each class of the path has where it comes from; 0: not reached.
using Path = std::array<u8, most_classes + 1>;

// With the knowledge held.
std::optional<Path> find_path(u8 from, u8 to)
{
    Path came_from{};
    std::array<u8, most_classes + 1> waiting{from};
    usize count = 1;
    for (usize next = 0; next < count; ++next)
        for (unsigned second = 1; second <= known.classes; ++second)
            if (came_from[second] == 0 && second != from && follows(waiting[next], static_cast<u8>(second))) {
                came_from[second] = waiting[next];
                if (second == to)
                    return came_from;
                waiting[count++] = static_cast<u8>(second);
            }
    return std::nullopt;
}

FixedText<160> text_of(u8 number)
{
    const Place& place = known.places[number];
    return FixedText<160>("{} ({}:{})", place.function.view(), place.file.view(), place.line);
}

void print_path(const Path& came_from, u8 from, u8 to)
{
    for (u8 second = to; second != from; second = came_from[second])
        log::format(log::Severity::alert, "", "  before, {} was taken with {} held", text_of(second).view(), text_of(came_from[second]).view());
}

// The first time that `second` is taken with `first` held.
void note_step(u8 first, u8 second)
{
    std::optional<Path> path;
    {
        KnowledgeGuard guard;
        if (follows(first, second))
            return;
        path = find_path(second, first);
        std::atomic_ref(known.follows[first][second / 64]).fetch_or(u64{1} << second % 64, std::memory_order_relaxed);
    }
    if (!path)
        return;
    report_bug(FixedText<400>("lock order: {} is taken with {} held", text_of(second).view(), text_of(first).view()).view());
    print_path(*path, second, first);
}

std::array<Held, arch::max_cpus> spinlocks;  // by CPU

// Null before this CPU runs threads.
Held* mutexes()
{
    Thread* const thread = arch::current_thread_if_any();
    return thread == nullptr ? nullptr : &thread->held_mutexes;
}

}  // namespace

void Held::check(const LockClass& wanted) const
{
    if (count_ == 0)
        return;
    const u8 second = number_of(wanted);
    for (u32 i = 0; i < count_; ++i)
        if (const u8 first = number_of(*locks_[i]); first != second && first != 0 && second != 0 && !follows(first, second))
            note_step(first, second);
}

void Held::add(const LockClass& taken)
{
    if (count_ < most)
        locks_[count_++] = &taken;
}

void Held::remove(const LockClass& given_back)
{
    const auto end = locks_.begin() + count_;
    const auto found = std::find(locks_.begin(), end, &given_back);
    if (found == end)
        return;
    std::copy(found + 1, end, found);
    --count_;
}

void before_spinlock(const LockClass& lock)
{
    spinlocks[arch::cpu_index()].check(lock);
}

void after_spinlock(const LockClass& lock)
{
    spinlocks[arch::cpu_index()].add(lock);
}

void note_unlocked_spinlock(const LockClass& lock)
{
    spinlocks[arch::cpu_index()].remove(lock);
}

void before_mutex(const LockClass& lock)
{
    if (const Held* const held = mutexes())
        held->check(lock);
}

void after_mutex(const LockClass& lock)
{
    if (Held* const held = mutexes())
        held->add(lock);
}

void note_unlocked_mutex(const LockClass& lock)
{
    if (Held* const held = mutexes())
        held->remove(lock);
}

void print_held()
{
    if (const LockClass* const lock = spinlocks[arch::cpu_index()].last())
        log::format(log::Severity::alert, "", "The spinlock was made by {}", text_of(number_of(*lock)).view());
}

}  // namespace tenon::lock_order
