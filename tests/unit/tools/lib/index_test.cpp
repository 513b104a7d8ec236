#include <gtest/gtest.h>

#include <fcntl.h>
#include <map>
#include <random>

#include "tests/support/temporary_folder.h"
#include "tools/lib/index_format.h"
#include "tools/lib/index_reader.h"
#include "tools/lib/index_writer.h"

namespace tenon::tools {
namespace {

std::span<const std::byte> bytes_of(const std::string& text)
{
    return std::as_bytes(std::span(text));
}

IndexReader reader_over(const std::string& binary)
{
    auto reader = IndexReader::over(bytes_of(binary));
    EXPECT_TRUE(reader);
    return *std::move(reader);
}

std::vector<std::string> texts(const std::vector<IndexValue>& values)
{
    std::vector<std::string> result;
    for (const IndexValue& value : values)
        result.emplace_back(value.text);
    return result;
}

using Strings = std::vector<std::string>;

TEST(Index, FindsWhatWasAdded)
{
    IndexWriter writer;
    writer.add("ext4", "kernel/fs/ext4/ext4.ko: kernel/lib/crc16.ko", 3);
    writer.add("ext2", "kernel/fs/ext2/ext2.ko:", 1);
    writer.add("e", "short", 2);
    const std::string binary = writer.build().value();
    const IndexReader reader = reader_over(binary);
    EXPECT_EQ(reader.find("ext4")->text, "kernel/fs/ext4/ext4.ko: kernel/lib/crc16.ko");
    EXPECT_EQ(reader.find("ext2")->priority, 1U);
    EXPECT_EQ(reader.find("e")->text, "short");
    EXPECT_FALSE(reader.find("ext"));
    EXPECT_FALSE(reader.find("ext44"));
    EXPECT_FALSE(reader.find(""));
}

TEST(Index, AWayDownMayBeLongerThanTheStack)
{
    const std::string text(20'000, 'a');
    IndexWriter writer;
    for (std::size_t length = 1; length <= text.size(); ++length)
        writer.add(std::string_view(text).substr(0, length), "m", 0);
    const std::string binary = writer.build().value();
    EXPECT_EQ(reader_over(binary).find(text)->text, "m");
    EXPECT_FALSE(reader_over(binary).find(text + "a"));
}

// The layout of the whole file, byte by byte: a root without prefix whose only child 'a' has the prefix "b" and two children.
TEST(Index, HasTheDocumentedLayout)
{
    IndexWriter writer;
    writer.add("abx", "m", 7);
    writer.add("aby", "n", 8);
    const std::string binary = writer.build().value();
    const auto number = [](u32 value) {
        return std::string{static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
                           static_cast<char>(value)};
    };
    const std::string leaf_x = number(1) + number(7) + "m" + '\0';
    const std::string leaf_y = number(1) + number(8) + "n" + '\0';
    const u32 x_at = 12;
    const u32 y_at = x_at + static_cast<u32>(leaf_x.size());
    const u32 inner_at = y_at + static_cast<u32>(leaf_y.size());
    const std::string inner = std::string("b") + '\0' + "xy" + number(x_at | index_format::flag_values) +
                              number(y_at | index_format::flag_values);
    const u32 root_at = inner_at + static_cast<u32>(inner.size());
    const std::string root =
        "aa" + number(inner_at | index_format::flag_prefix | index_format::flag_children);
    EXPECT_EQ(binary, number(0xb007f457) + number(0x00020001) + number(root_at | index_format::flag_children) + leaf_x +
                          leaf_y + inner + root);
}

TEST(Index, EmptyIndexFindsNothing)
{
    const std::string binary = IndexWriter().build().value();
    const IndexReader reader = reader_over(binary);
    EXPECT_FALSE(reader.find("x"));
    EXPECT_TRUE(reader.find_matching("x").empty());
}

TEST(Index, WildcardKeysMatchNames)
{
    IndexWriter writer;
    writer.add("pci:v00008086d*sv*", "e1000", 5);
    writer.add("pci:v*", "any_pci", 1);
    writer.add("pci:v0000808?d1", "question", 2);
    writer.add("usb:[a_c]1", "bracket", 3);
    writer.add("usb:b1", "exact", 4);
    const std::string binary = writer.build().value();
    const IndexReader reader = reader_over(binary);
    EXPECT_EQ(texts(reader.find_matching("pci:v00008086d00001sv1")), (Strings{"any_pci", "e1000"}));
    EXPECT_EQ(texts(reader.find_matching("pci:v00008087d1")), (Strings{"any_pci", "question"}));
    EXPECT_EQ(texts(reader.find_matching("usb:a1")), (Strings{"bracket"}));
    EXPECT_EQ(texts(reader.find_matching("usb:b1")), (Strings{"exact"}));
    EXPECT_TRUE(reader.find_matching("usb:").empty());
}

TEST(Index, ValuesOfOneKeyComeByPriorityThenAsTheyWereAdded)
{
    IndexWriter writer;
    writer.add("k", "late", 9);
    writer.add("k", "first", 1);
    writer.add("k", "second", 1);
    const std::string binary = writer.build().value();
    EXPECT_EQ(texts(reader_over(binary).find_matching("k")), (Strings{"first", "second", "late"}));
}

// The format's readers take the first value of a key: among equal priorities that is the one added last.
TEST(Index, OfEqualValuesTheOneAddedLastStandsFirst)
{
    IndexWriter writer;
    for (const char* value : {"one", "two", "three"})
        writer.add("key", value, 7);
    const std::string binary = *writer.build();
    EXPECT_LT(binary.find("three"), binary.find("two"));
    EXPECT_LT(binary.find("two"), binary.find("one"));
    EXPECT_EQ(reader_over(binary).find("key")->text, "three");
}

TEST(Index, ReportsDuplicates)
{
    IndexWriter writer;
    writer.add("k", "a", 1);
    writer.add("k", "b", 1);
    writer.add("k", "a", 2);
    ASSERT_TRUE(writer.build());
    ASSERT_EQ(writer.duplicates().size(), 1U);
    EXPECT_EQ(writer.duplicates()[0].value, "a");
}

TEST(Index, KeyBeyondAsciiIsLeftOut)
{
    IndexWriter writer;
    writer.add("caf\xc3\xa9", "x", 0);
    writer.add("cafe", "y", 0);
    const std::string binary = writer.build().value();
    unsigned count = 0;
    reader_over(binary).for_each([&](const std::string& key, const IndexValue&) {
        EXPECT_EQ(key, "cafe");
        ++count;
    });
    EXPECT_EQ(count, 1U);
}

TEST(Index, ManyRandomKeysComeBackInOrder)
{
    std::mt19937 random(1);
    std::map<std::string, std::string> expected;
    for (unsigned number = 0; number < 2000; ++number) {
        std::string key;
        for (std::size_t length = 1 + random() % 12; key.size() < length;)
            key += static_cast<char>('a' + random() % 4);
        expected.emplace(key, "v" + std::to_string(number));
    }
    IndexWriter writer;
    for (const auto& [key, value] : expected)
        writer.add(key, value, 0);
    const std::string binary = writer.build().value();
    const IndexReader reader = reader_over(binary);
    std::map<std::string, std::string> found;
    std::string last;
    reader.for_each([&](const std::string& key, const IndexValue& value) {
        EXPECT_LT(last, key);
        last = key;
        found.emplace(key, value.text);
    });
    EXPECT_EQ(found, expected);
    for (const auto& [key, value] : expected)
        EXPECT_EQ(reader.find(key)->text, value);
}

TEST(Index, AnEmptyFileHoldsNoKeys)
{
    EXPECT_FALSE(reader_over("").find("a"));
    EXPECT_TRUE(reader_over("").find_matching("a").empty());
    reader_over("").for_each([](const std::string& key, const IndexValue&) { ADD_FAILURE() << key; });
}

// A folder with an index of many keys, each with a long value, and the descriptor of the folder.
class IndexInFile : public testing::Test {
protected:
    void SetUp() override
    {
        IndexWriter writer;
        for (int number = 0; number < keys; ++number) {
            names_.push_back("key" + std::to_string(number));
            values_.push_back(std::string(3000, 'v') + names_.back());
        }
        for (std::size_t number = 0; number < keys; ++number)
            writer.add(names_[number], values_[number], 0);
        folder_.write("index", *writer.build());
        descriptor_ = FileDescriptor(open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY));
    }
    Result<IndexReader> reader() const { return IndexReader::open_at(descriptor_.get(), "index"); }

    static constexpr int keys = 200;
    test::TemporaryFolder folder_;
    FileDescriptor descriptor_;
    std::vector<std::string> names_;
    std::vector<std::string> values_;
};

TEST_F(IndexInFile, IsReadWhereItIsLookedAt)
{
    const auto index = reader();
    ASSERT_TRUE(index);
    for (std::size_t number = 0; number < keys; ++number)
        EXPECT_EQ(index->find(names_[number])->text, values_[number]);
}

TEST_F(IndexInFile, CutWhileItIsOpenIsReportedOnce)
{
    const auto index = reader();
    ASSERT_TRUE(index);
    std::filesystem::resize_file(folder_.path("index"), PagedFile::piece_size);
    testing::internal::CaptureStderr();
    std::size_t found = 0;
    for (const std::string& name : names_)
        found += index->find(name) ? 1 : 0;
    EXPECT_LT(found, names_.size());
    EXPECT_NE(testing::internal::GetCapturedStderr().find("could not read index: Input/output error\n"), std::string::npos);
}

TEST(Index, RefusesOtherFiles)
{
    EXPECT_FALSE(IndexReader::over(bytes_of("not an index")));
    std::string binary = IndexWriter().build().value();
    binary[5] = 3;  // major version
    EXPECT_FALSE(IndexReader::over(bytes_of(binary)));
}

// Every byte replaced by every one of a few values: look-ups may miss, but must come to an end inside the file.
TEST(Index, DamageIsHarmless)
{
    IndexWriter writer;
    for (const char* key : {"alpha", "alp*", "beta", "be?a", "b[ae]ta"})
        writer.add(key, "value", 1);
    const std::string sound = writer.build().value();
    for (std::size_t at = 0; at < sound.size(); ++at) {
        for (const int value : {0x00, 0x0c, 0x7f, 0x80, 0xe0, 0xff}) {
            std::string damaged = sound;
            damaged[at] = static_cast<char>(value);
            const auto reader = IndexReader::over(bytes_of(damaged));
            if (!reader)
                continue;
            reader->find("beta");
            reader->find_matching("beta");
            reader->for_each([](const std::string&, const IndexValue&) {});
        }
    }
}

// A node that is its own child, twice: without a bound the walk would take 2^4096 steps.
TEST(Index, CircleOfNodesEnds)
{
    std::string binary = IndexWriter().build().value();
    const auto append = [&](u32 value) {
        for (const unsigned shift : {24U, 16U, 8U, 0U})
            binary.push_back(static_cast<char>(value >> shift));
    };
    const auto self = static_cast<u32>(binary.size()) | index_format::flag_children;
    binary += "*+";
    append(self);
    append(self);
    binary.replace(8, 4, binary.substr(14, 4));
    const IndexReader reader = reader_over(binary);
    EXPECT_TRUE(reader.find_matching("name").empty());
    reader.for_each([](const std::string&, const IndexValue&) {});
}

TEST(Index, CutOffAnywhereIsHarmless)
{
    IndexWriter writer;
    writer.add("alpha", "value", 1);
    writer.add("alto", "value", 1);
    const std::string sound = writer.build().value();
    for (std::size_t size = 0; size < sound.size(); ++size) {
        const std::string cut = sound.substr(0, size);
        if (const auto reader = IndexReader::over(bytes_of(cut)))
            reader->find("alpha");
    }
}

}  // namespace
}  // namespace tenon::tools
