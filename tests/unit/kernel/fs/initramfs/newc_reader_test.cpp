#include "kernel/fs/initramfs/newc_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/newc_archive.h"

namespace tenon {
namespace {

using newc::archive_of;
using newc::encode;
using newc::Member;

class Collector final : public NewcSink {
public:
    Result<> begin(const NewcEntry& entry) override
    {
        members.push_back({std::string(entry.name), entry.mode, "", entry.inode, entry.links});
        node = {entry.node_major, entry.node_minor};
        return {};
    }
    Result<> data(std::span<const std::byte> bytes) override
    {
        members.back().content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return {};
    }
    Result<> end() override
    {
        ++ended;
        return {};
    }
    void archive_end() override { ++archives; }

    std::vector<Member> members;
    usize ended = 0;
    usize archives = 0;
    std::pair<u32, u32> node;
};

std::span<const std::byte> bytes(std::string_view text)
{
    return std::as_bytes(std::span(text));
}

const std::vector<Member> sample{{"dir", 040755, ""}, {"dir/file", 0100644, "hello"}, {"dir/empty", 0100600, ""},
                                 {"link", 0120777, "dir/file"}, {std::string(4000, 'n'), 0100644, std::string(9999, 'd')}};

TEST(NewcReader, ReadsEveryMember)
{
    Collector collector;
    NewcReader reader(collector);
    const std::string archive = archive_of(sample);
    EXPECT_EQ(reader.feed(bytes(archive)), archive.size());
    EXPECT_EQ(collector.members, sample);
    EXPECT_EQ(collector.ended, sample.size());
    EXPECT_EQ(collector.node, (std::pair<u32, u32>(5, 1)));
    EXPECT_TRUE(reader.is_between_archives());
}

TEST(NewcReader, ReadsTheSameInPiecesOfAnySize)
{
    const std::string archive = archive_of(sample);
    for (const usize size : {1u, 2u, 3u, 7u, 109u, 110u, 111u, 4096u}) {
        Collector collector;
        NewcReader reader(collector);
        for (usize at = 0; at < archive.size(); at += size) {
            const std::string_view piece = std::string_view(archive).substr(at, size);
            ASSERT_EQ(reader.feed(bytes(piece)), piece.size());
        }
        EXPECT_EQ(collector.members, sample) << size;
        EXPECT_TRUE(reader.is_between_archives());
    }
}

TEST(NewcReader, StopsBehindTheTrailer)
{
    Collector collector;
    NewcReader reader(collector);
    const std::string first = archive_of({{"a", 0100644, "1"}});
    const std::string both = first + std::string(300, '\0') + archive_of({{"b", 0100644, "2"}});
    EXPECT_EQ(reader.feed(bytes(both)), first.size());
    EXPECT_EQ(reader.feed(bytes(std::string_view(both).substr(first.size() + 300))), both.size() - first.size() - 300);
    EXPECT_EQ(collector.members.size(), 2u);
    EXPECT_EQ(collector.archives, 2u);
}

TEST(NewcReader, RefusesWhatIsNoHeader)
{
    Collector collector;
    for (const char* text : {"070707", "07070x", "\x7f" "ELF12", "070703"}) {
        NewcReader reader(collector);
        std::string archive(200, '0');
        archive.replace(0, 6, text);
        EXPECT_EQ(reader.feed(bytes(archive)), fail(Errno::inval)) << text;
        EXPECT_FALSE(reader.problem().empty());
    }
}

TEST(NewcReader, RefusesBadNumbersAndNames)
{
    const auto refused = [](std::string archive) {
        Collector collector;
        NewcReader reader(collector);
        const auto result = reader.feed(bytes(archive));
        return !result && result.error() == Errno::inval && !reader.problem().empty();
    };
    constexpr usize name_size_at = 6 + 11 * 8;
    std::string archive = archive_of(sample);
    EXPECT_FALSE(refused(archive));

    std::string bad = archive;
    bad[10] = 'g';
    EXPECT_TRUE(refused(bad));
    bad = archive;
    bad.replace(name_size_at, 8, "00000000");
    EXPECT_TRUE(refused(bad));
    bad = archive;
    bad.replace(name_size_at, 8, "ffffffff");
    EXPECT_TRUE(refused(bad));
    bad = archive;
    bad.replace(name_size_at, 8, "00000003");  // the NUL is not at the end any more
    EXPECT_TRUE(refused(bad));
    bad = archive;
    bad[NewcReader::header_size] = '\0';  // a NUL inside the name
    EXPECT_TRUE(refused(bad));
}

TEST(NewcReader, KnowsThatAnArchiveIsCutOff)
{
    const std::string archive = archive_of(sample);
    for (const usize size : {5u, 110u, 112u, 300u}) {
        Collector collector;
        NewcReader reader(collector);
        ASSERT_TRUE(reader.feed(bytes(std::string_view(archive).substr(0, size))).has_value());
        EXPECT_FALSE(reader.is_between_archives()) << size;
    }
}

TEST(NewcReader, PassesTheSinksErrorOn)
{
    class Full final : public NewcSink {
        Result<> begin(const NewcEntry&) override { return {}; }
        Result<> data(std::span<const std::byte>) override { return fail(Errno::nospc); }
        Result<> end() override { return {}; }
        void archive_end() override {}
    } sink;
    NewcReader reader(sink);
    EXPECT_EQ(reader.feed(bytes(archive_of(sample))), fail(Errno::nospc));
}

}  // namespace
}  // namespace tenon
