#include "kernel/fs/lock/lock_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "tests/support/failing_new.h"

namespace tenon {
namespace {

constexpr char people[3] = {'a', 'b', 'c'};
const LockOwner anna = &people[0];
const LockOwner bert = &people[1];

FileLock lock(LockOwner owner, LockType type, u64 first, u64 last)
{
    return {.owner = owner, .type = type, .range = {first, last}, .process = 1};
}

FileLock read(LockOwner owner, u64 first, u64 last) { return lock(owner, LockType::read, first, last); }
FileLock write(LockOwner owner, u64 first, u64 last) { return lock(owner, LockType::write, first, last); }

// "a:r0-9 b:w20-29"
std::string text(const LockList& list)
{
    std::string result;
    list.for_each([&](const HeldLock& held) {
        result += result.empty() ? "" : " ";
        result += *static_cast<const char*>(held.owner);
        result += held.type == LockType::read ? ":r" : ":w";
        result += std::to_string(held.range.first) + "-" + std::to_string(held.range.last);
    });
    return result;
}

TEST(LockList, OnlyAWriterConflictsAndOnlyWithOthers)
{
    LockList list;
    ASSERT_TRUE(list.set(read(anna, 10, 19)));
    EXPECT_EQ(list.conflict(read(bert, 0, 100)), nullptr);
    EXPECT_EQ(list.conflict(write(anna, 0, 100)), nullptr);
    ASSERT_NE(list.conflict(write(bert, 19, 19)), nullptr);
    EXPECT_EQ(list.conflict(write(bert, 19, 19))->owner, anna);
    EXPECT_EQ(list.conflict(write(bert, 20, 30)), nullptr);
    EXPECT_EQ(list.conflict(write(bert, 0, 9)), nullptr);
}

TEST(LockList, NeighboursOfOneTypeBecomeOne)
{
    LockList list;
    ASSERT_TRUE(list.set(read(anna, 0, 9)));
    ASSERT_TRUE(list.set(read(anna, 20, 29)));
    EXPECT_EQ(text(list), "a:r0-9 a:r20-29");
    ASSERT_TRUE(list.set(read(anna, 10, 19)));
    EXPECT_EQ(text(list), "a:r0-29");
    ASSERT_TRUE(list.set(write(anna, 30, LockRange::end)));
    EXPECT_EQ(text(list), "a:r0-29 a:w30-9223372036854775807");
}

TEST(LockList, AChangeOfTypeSplits)
{
    LockList list;
    ASSERT_TRUE(list.set(read(anna, 0, 99)));
    ASSERT_TRUE(list.set(write(anna, 40, 49)));
    EXPECT_EQ(text(list), "a:r0-39 a:w40-49 a:r50-99");
    ASSERT_TRUE(list.set(read(anna, 40, 49)));
    EXPECT_EQ(text(list), "a:r0-99");
}

TEST(LockList, UnlockingCutsAndSplits)
{
    LockList list;
    ASSERT_TRUE(list.set(read(bert, 0, 99)));
    ASSERT_TRUE(list.set(read(anna, 0, 99)));
    EXPECT_TRUE(*list.clear(anna, {0, 9}));
    EXPECT_TRUE(*list.clear(anna, {90, LockRange::end}));
    EXPECT_TRUE(*list.clear(anna, {50, 50}));
    EXPECT_FALSE(*list.clear(anna, {50, 50}));
    EXPECT_EQ(text(list), "b:r0-99 a:r10-49 a:r51-89");
    EXPECT_TRUE(list.clear_all(bert));
    EXPECT_TRUE(*list.clear(anna, {49, 51}));
    EXPECT_EQ(text(list), "a:r10-48 a:r52-89");
    EXPECT_TRUE(list.clear_all(anna));
    EXPECT_TRUE(list.is_empty());
}

TEST(LockList, TheNumberIsBounded)
{
    LockList list;
    u64 taken = 0;
    while (taken < 2 * LockList::max_locks && list.set(read(anna, 2 * taken, 2 * taken)))
        ++taken;
    EXPECT_LE(taken, LockList::max_locks);
    EXPECT_GE(taken, LockList::max_locks - 2);
    EXPECT_EQ(list.set(read(anna, 1'000'000, 1'000'000)).error(), Errno::nolck);
    EXPECT_TRUE(list.clear(anna, {0, 100}));
    EXPECT_TRUE(list.set(read(anna, 1'000'000, 1'000'000)));
}

TEST(LockList, WithoutMemoryNothingChanges)
{
    for (int allowed = 0; allowed < 2; ++allowed) {
        LockList list;
        ASSERT_TRUE(list.set(read(anna, 0, 99)));
        {
            test::FailingNew failing(static_cast<unsigned>(allowed + 1));
            EXPECT_EQ(list.set(write(anna, 40, 49)).error(), Errno::nolck);
        }
        EXPECT_EQ(text(list), "a:r0-99");
    }
}

// Against one type per byte and owner.
TEST(LockList, AgreesWithAMapOfBytes)
{
    constexpr u64 bytes = 40;
    std::mt19937 random(4711);
    LockList list;
    std::map<std::pair<LockOwner, u64>, LockType> held;
    for (int round = 0; round < 20'000; ++round) {
        const LockOwner owner = &people[random() % 3];
        const u64 first = random() % bytes;
        const u64 last = first + random() % (bytes - first);
        const FileLock wanted = lock(owner, random() % 2 == 0 ? LockType::read : LockType::write, first, last);
        const bool free = std::none_of(held.begin(), held.end(), [&](const auto& entry) {
            const auto& [where, type] = entry;
            return where.first != owner && where.second >= first && where.second <= last &&
                   (type == LockType::write || wanted.type == LockType::write);
        });
        ASSERT_EQ(list.conflict(wanted) == nullptr, free);
        const bool sets = free && random() % 3 != 0;
        if (sets)
            ASSERT_TRUE(list.set(wanted));
        else
            ASSERT_TRUE(list.clear(owner, wanted.range));
        for (u64 byte = first; byte <= last; ++byte) {
            held.erase({owner, byte});
            if (sets)
                held.emplace(std::pair(owner, byte), wanted.type);
        }
        std::map<std::pair<LockOwner, u64>, LockType> listed;
        std::map<std::pair<LockOwner, LockType>, u64> behind;  // where the former lock of this owner and type ended
        list.for_each([&](const HeldLock& entry) {
            for (u64 byte = entry.range.first; byte <= entry.range.last; ++byte)
                ASSERT_TRUE(listed.emplace(std::pair(entry.owner, byte), entry.type).second) << "overlaps";
            auto& end = behind[{entry.owner, entry.type}];
            ASSERT_TRUE(end == 0 || entry.range.first > end) << "not merged";
            end = entry.range.last + 1;
        });
        ASSERT_EQ(listed, held);
    }
}

}  // namespace
}  // namespace tenon
