#include <gtest/gtest.h>

#include "tests/litmus/patterns/locks.h"

using namespace litmus;
using enum litmus::Order;

namespace {

constexpr Value runnable = 0, sleeping = 1;

bool is_runnable(Value state)
{
    return state == runnable;
}

// WaitQueue: the waiter counts itself, then looks at its condition; the waker changes the condition, then looks at the count.
TEST(Waiting, WakeUpsAreNotLost)
{
    Pattern pattern;
    const Location condition = pattern.location("condition");
    const Location lock = pattern.location("queue lock");
    const Location linked = pattern.location("linked");
    const Location count = pattern.location("count");
    const Location state = pattern.location("state");
    pattern.cpu([=](Cpu& cpu) {
        cpu.store(state, sleeping, relaxed);
        with_spinlock(cpu, lock, [&] {
            cpu.write(linked, 1);
            cpu.fetch_add(count, 1, relaxed);
        });
        cpu.fence(seq_cst);
        if (cpu.load(condition, relaxed) == 0)
            cpu.wait_until(state, is_runnable, relaxed);
    });
    pattern.cpu([=](Cpu& cpu) {
        cpu.store(condition, 1, relaxed);
        cpu.fence(seq_cst);
        if (cpu.load(count, relaxed) == 0)
            return;
        with_spinlock(cpu, lock, [&] {
            if (cpu.read(linked) == 0)
                return;
            cpu.write(linked, 0);
            cpu.require(cpu.load(state, relaxed) == sleeping);
            cpu.store(state, runnable, relaxed);
        });
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// A signal is marked, then its receiver woken if it sleeps; who is about to sleep says so, then looks for the mark.
TEST(Waiting, SignalsReachSleepers)
{
    Pattern pattern;
    const Location pending = pattern.location("signal pending");
    const Location state = pattern.location("state");
    pattern.cpu([=](Cpu& cpu) {
        cpu.store(state, sleeping, relaxed);
        cpu.fence(seq_cst);
        if (cpu.load(pending, relaxed) == 0)
            cpu.wait_until(state, is_runnable, relaxed);
    });
    pattern.cpu([=](Cpu& cpu) {
        cpu.store(pending, 1, seq_cst);
        if (cpu.load(state, seq_cst) == sleeping)
            cpu.store(state, runnable, relaxed);
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// Completion: the waiter may delete it as soon as wait() has returned.
TEST(Waiting, CompletionOutlivesItsCompleter)
{
    Pattern pattern;
    const Location lock = pattern.location("lock");
    const Location done = pattern.location("done");
    const Location memory = pattern.location("memory");
    pattern.cpu([=](Cpu& cpu) {
        with_spinlock(cpu, lock, [&] {
            cpu.store(done, 1, relaxed);
            cpu.write(memory, 1);  // wakes the waiters
        });
    });
    pattern.cpu([=](Cpu& cpu) {
        cpu.wait_until(done, [](Value value) { return value == 1; }, relaxed);
        with_spinlock(cpu, lock, [] {});
        cpu.write(memory, 2);
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// A thread's stack is free when it is seen to be on no CPU (kernel/thread/scheduler.cpp, wait.cpp).
TEST(Waiting, StackOfAThreadThatHasLeft)
{
    Pattern pattern;
    const Location on_cpu = pattern.location("on_cpu", 1);
    const Location stack = pattern.location("stack");
    pattern.cpu([=](Cpu& cpu) {
        cpu.write(stack, 1);
        cpu.store(on_cpu, 0, release);
    });
    pattern.cpu([=](Cpu& cpu) {
        cpu.wait_until(on_cpu, [](Value value) { return value == 0; }, acquire);
        cpu.write(stack, 2);
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// set_allowed_cpus() and a thread that is being put on a CPU: one of both sees the other, so it does not stay where it may not run.
TEST(Waiting, AllowedCpusAndTheOneChosen)
{
    Pattern pattern;
    const Location chosen = pattern.location("cpu", 0);
    const Location allowed = pattern.location("allowed", 3);
    const Location corrected = pattern.location("corrected");
    pattern.cpu([=](Cpu& cpu) {
        cpu.store(chosen, 1, seq_cst);
        if (cpu.load(allowed, seq_cst) == 1)
            cpu.store(corrected, 1, relaxed);
    });
    pattern.cpu([=](Cpu& cpu) {
        cpu.store(allowed, 1, seq_cst);
        if (cpu.load(chosen, seq_cst) == 1)
            cpu.store(corrected, 1, relaxed);
    });
    pattern.finally([=](const std::vector<Value>& last) { return last[corrected] == 1; });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// hurry() and a thread that is being put on another CPU's queue: it is found there, or it is put where its urgency says.
TEST(Waiting, UrgencyAndTheQueueChosen)
{
    Pattern pattern;
    const Location chosen = pattern.location("cpu", 0);
    const Location urgency = pattern.location("urgency", 0);
    const Location hurried = pattern.location("hurried");
    pattern.cpu([=](Cpu& cpu) {
        cpu.store(chosen, 1, seq_cst);
        if (cpu.load(urgency, seq_cst) == 1)
            cpu.store(hurried, 1, relaxed);
    });
    pattern.cpu([=](Cpu& cpu) {
        cpu.fetch_add(urgency, 1, seq_cst);
        if (cpu.load(chosen, seq_cst) == 1)
            cpu.store(hurried, 1, relaxed);
    });
    pattern.finally([=](const std::vector<Value>& last) { return last[hurried] == 1; });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// Mutex: the plain unlock against a waiter's mark. Either the waiter finds the mutex free, or the holder finds the mark and gives the
// mutex up with the lock of the waiters; what the holder wrote is seen by who takes it. With that lock held the word needs no order of its
// own; what unlock_contended() stores has one for those who take the mutex without it (Locks.Spinlock).
TEST(Waiting, MutexIsMarkedOrFree)
{
    constexpr Value held = 2, marked = 3, taken = 4;
    Pattern pattern;
    const Location word = pattern.location("holder", held);
    const Location lock = pattern.location("lock of the waiters");
    const Location data = pattern.location("data");
    const Location queued = pattern.location("queued");
    const Location state = pattern.location("state", sleeping);
    pattern.cpu([=](Cpu& cpu) {
        cpu.write(data, 1);
        Value expected = held;
        if (cpu.compare_exchange(word, expected, 0, release))
            return;
        with_spinlock(cpu, lock, [&] {
            cpu.require(cpu.read(queued) == 1);
            cpu.store(word, 0, relaxed);
            cpu.store(state, runnable, relaxed);
        });
    });
    pattern.cpu([=](Cpu& cpu) {
        bool is_mine = false;
        with_spinlock(cpu, lock, [&] {
            cpu.write(queued, 1);
            Value seen = held;
            is_mine = !cpu.compare_exchange(word, seen, marked, relaxed) && cpu.compare_exchange(word, seen, taken, acquire);
        });
        if (!is_mine) {
            cpu.wait_until(state, is_runnable, relaxed);
            with_spinlock(cpu, lock, [&] {
                Value nobody = 0;
                cpu.require(cpu.compare_exchange(word, nobody, taken, relaxed));
            });
        }
        cpu.require(cpu.read(data) == 1);
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

// Mutex: who takes it also says who he is, to those who make him urgent. His thread may have been made a moment ago, by another CPU.
TEST(Waiting, MutexHolderIsKnown)
{
    constexpr Value nobody = 0, former = 1, next = 2;
    Pattern pattern;
    const Location word = pattern.location("holder", former);
    const Location data = pattern.location("data");
    const Location thread = pattern.location("the next holder's thread");
    pattern.cpu([=](Cpu& cpu) {
        cpu.write(data, 1);
        cpu.store(word, nobody, release);
    });
    pattern.cpu([=](Cpu& cpu) {
        cpu.write(thread, 1);
        Value seen = nobody;
        if (cpu.compare_exchange(word, seen, next, acq_rel))
            cpu.require(cpu.read(data) == 1);
    });
    pattern.cpu([=](Cpu& cpu) {
        if (cpu.load(word, acquire) == next)
            cpu.require(cpu.read(thread) == 1);
    });
    EXPECT_EQ(pattern.verdict(), "holds");
}

}  // namespace
