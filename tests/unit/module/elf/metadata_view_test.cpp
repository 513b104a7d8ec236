#include "module/elf/metadata_view.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <sys/mman.h>
#include <vector>

#include "tests/support/object_builder.h"

namespace tenon::elf {
namespace {

using namespace std::string_literals;
using Strings = std::vector<std::string>;

// A file that is handed out in parts, and how much of it was asked for.
class PartialSource final : public Source {
public:
    explicit PartialSource(std::span<const std::byte> bytes) : bytes_(bytes) {}
    u64 size() const override { return bytes_.size(); }
    Result<> read(u64 offset, std::span<std::byte> into) override
    {
        read_ += into.size();
        std::copy_n(bytes_.begin() + static_cast<isize>(offset), into.size(), into.begin());
        return {};
    }
    usize bytes_read() const { return read_; }

private:
    std::span<const std::byte> bytes_;
    usize read_ = 0;
};

std::vector<std::byte> as_bytes(const std::string& text)
{
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> sample(bool versions)
{
    test::ObjectBuilder builder;
    builder.text(".text", 1000);
    builder.section({.name = ".modinfo", .alignment = 1}, as_bytes("license=GPL\0alias=x\0"s));
    builder.section({.name = "__ksymtab_strings", .alignment = 1}, as_bytes("first\0\0second\0"s));
    if (versions) {
        const u32 crcs = builder.section({.name = "__kcrctab", .alignment = 4}, as_bytes("\x01\x02\x03\x04\x05\x06\x07\x08"s));
        builder.symbol({.name = "__crc_versioned", .section = static_cast<u16>(crcs), .value = 4});
        builder.symbol({.name = "__crc_absolute", .section = index_absolute, .value = 0x99});
        std::string version(64, '\0');
        version[0] = 0x12;
        version.replace(8, 11, "module_data");
        builder.section({.name = "__versions", .alignment = 8}, as_bytes(version));
    }
    builder.symbol({.name = "needed"});
    builder.symbol({.name = "maybe", .binding = SymbolBinding::weak});
    return builder.build();
}

Strings exports_of(const MetadataView& view)
{
    Strings names;
    view.for_each_export([&](const MetadataView::Version& symbol) { names.emplace_back(symbol.name); });
    return names;
}

Strings needs_of(const MetadataView& view)
{
    Strings names;
    view.for_each_undefined([&](const char* name, SymbolBinding binding) {
        names.push_back(name + (binding == SymbolBinding::weak ? " weak"s : ""s));
    });
    return names;
}

TEST(MetadataView, ShowsWhatAToolNeeds)
{
    const auto image = sample(false);
    const auto view = MetadataView::parse(image);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->modinfo().find("license"), "GPL");
    EXPECT_EQ(exports_of(*view), (Strings{"first", "second"}));
    EXPECT_EQ(needs_of(*view), (Strings{"needed", "maybe weak"}));
    EXPECT_TRUE(view->has_exports());
    EXPECT_FALSE(view->versions_flags_offset());
}

TEST(MetadataView, VersionsNameTheExports)
{
    const auto image = sample(true);
    const auto view = MetadataView::parse(image);
    ASSERT_TRUE(view);
    std::vector<u64> crcs;
    view->for_each_export([&](const MetadataView::Version& symbol) { crcs.push_back(symbol.crc); });
    EXPECT_EQ(exports_of(*view), (Strings{"versioned", "absolute"}));
    EXPECT_EQ(crcs, (std::vector<u64>{0x08070605, 0x99}));
    view->for_each_required_version([](const MetadataView::Version& version) {
        EXPECT_EQ(version.name, "module_data");
        EXPECT_EQ(version.crc, 0x12U);
    });
    EXPECT_TRUE(view->versions_flags_offset());
}

TEST(MetadataView, ReadsTheSameInPartsAndLeavesTheRest)
{
    MetadataView::Storage storage;
    for (const bool versions : {false, true, false}) {
        const auto image = sample(versions);
        PartialSource source(image);
        const auto in_parts = MetadataView::read(source, storage);
        const auto whole = MetadataView::parse(image);
        ASSERT_TRUE(in_parts);
        EXPECT_EQ(exports_of(*in_parts), exports_of(*whole));
        EXPECT_EQ(needs_of(*in_parts), needs_of(*whole));
        EXPECT_EQ(in_parts->modinfo().find("alias"), "x");
        EXPECT_LT(source.bytes_read(), image.size() - 3000);  // the text was not read
    }
}

TEST(MetadataView, ReadsBigEndian32Bit)
{
    const auto put = [](std::string& text, usize at, u32 value, usize width) {
        for (usize index = 0; index < width; ++index)
            text[at + index] = static_cast<char>(value >> 8 * (width - 1 - index));
    };
    const std::string names = "\0.modinfo\0.shstrtab\0"s;
    const std::string modinfo = "license=GPL\0"s;
    std::string file = "\x7f" "ELF\x01\x02\x01"s;
    file.resize(52);
    const usize names_at = file.size();
    file += names;
    const usize modinfo_at = file.size();
    file += modinfo;
    const usize table_at = file.size();
    put(file, 32, static_cast<u32>(table_at), 4);
    put(file, 46, 40, 2);
    put(file, 48, 3, 2);
    put(file, 50, 2, 2);
    file.resize(table_at + 3 * 40);
    const auto section = [&](usize number, u32 name, usize offset, usize size) {
        put(file, table_at + number * 40, name, 4);
        put(file, table_at + number * 40 + 4, 1, 4);
        put(file, table_at + number * 40 + 16, static_cast<u32>(offset), 4);
        put(file, table_at + number * 40 + 20, static_cast<u32>(size), 4);
    };
    section(1, 1, modinfo_at, modinfo.size());
    section(2, 10, names_at, names.size());
    const auto image = as_bytes(file);
    const auto view = MetadataView::parse(image);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->modinfo().find("license"), "GPL");
    EXPECT_FALSE(view->is_64());
    EXPECT_TRUE(view->swapped());
    EXPECT_FALSE(view->has_symbols());
}

// Of many sections with one name, and many symbols with another, none may cost the length of the name: what lies behind its start cannot
// be read here.
TEST(MetadataView, NamesAreReadNoFurtherThanTheyMust)
{
    constexpr usize page = 4096;
    const std::string name = "__ksymtab" + std::string(4 * page, 'x');
    const std::string symbol_name = "__crc_" + std::string(4 * page, 'y');
    test::ObjectBuilder builder;
    const u32 first = builder.section({.name = name, .alignment = 1});
    for (int number = 0; number < 20; ++number)
        builder.section({.name = ".other", .alignment = 1});
    builder.symbol({.name = symbol_name, .section = index_absolute, .value = 7});
    builder.finish();
    for (u32 number = first + 1; number < first + 21; ++number)
        builder.header(number).name = builder.header(first).name;
    const auto image = builder.build();
    void* const memory = mmap(nullptr, image.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    std::memcpy(memory, image.data(), image.size());
    const std::string_view text(static_cast<const char*>(memory), image.size());
    for (const std::string_view long_name : {std::string_view(name), std::string_view(symbol_name)}) {
        const usize middle = (text.find(long_name) + long_name.size() / 2) / page * page;
        ASSERT_EQ(mprotect(static_cast<char*>(memory) + middle, page, PROT_NONE), 0);
    }
    const auto view = MetadataView::parse(std::span(static_cast<const std::byte*>(memory), image.size()));
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->has_exports());
    usize count = 0;
    view->for_each_symbol([&](const MetadataView::Symbol& symbol) { count += std::strncmp(symbol.name, "__crc_", 6) == 0 ? 1 : 0; });
    EXPECT_EQ(count, 1U);
    munmap(memory, image.size());
}

// An undefined symbol of SPARC's type 13 declares a register; on any other machine the type means something else.
TEST(MetadataView, SymbolsThatDeclareARegisterAreNoNeeds)
{
    for (const u16 machine : {u16{43}, u16{183}}) {
        test::ObjectBuilder builder;
        builder.symbol({.name = "called"});
        builder.symbol({.name = "register_g2", .type = static_cast<SymbolType>(13)});
        builder.finish();
        builder.file_header().machine = machine;
        const auto image = builder.build();
        const auto view = MetadataView::parse(image);
        ASSERT_TRUE(view);
        EXPECT_EQ(needs_of(*view), machine == 43 ? (Strings{"called"}) : (Strings{"called", "register_g2"}));
    }
}

TEST(MetadataView, VisitorsMayHaveSeenEnough)
{
    const auto image = sample(true);
    const auto view = MetadataView::parse(image);
    usize seen = 0;
    const auto once = [&](const auto&...) { return ++seen < 1; };
    view->for_each_symbol(once);
    view->for_each_undefined(once);
    view->for_each_export(once);
    const auto strings = sample(false);
    MetadataView::parse(strings)->for_each_export(once);
    EXPECT_EQ(seen, 4U);
}

TEST(MetadataView, EveryCutAndManySpoiltBytesAreRefusedOrHarmless)
{
    const auto sound = sample(true);
    MetadataView::Storage storage;
    const auto exercise = [&](std::span<const std::byte> image) {
        PartialSource source(image);
        for (const auto& view : {MetadataView::parse(image), MetadataView::read(source, storage)}) {
            if (!view)
                continue;
            exports_of(*view);
            needs_of(*view);
            view->for_each_required_version([](const MetadataView::Version&) {});
            for (const auto& entry : view->modinfo())
                EXPECT_LE(entry.key.size(), image.size());
        }
    };
    for (usize size = 0; size < sound.size(); size += 7)
        exercise(std::vector(sound.begin(), sound.begin() + static_cast<isize>(size)));
    for (usize at = 0; at < sound.size(); ++at) {
        if (at == 128)
            at = 4100;  // the text has no meaning here
        auto spoilt = sound;
        for (const int value : {0x00, 0x7f, 0xff}) {
            spoilt[at] = static_cast<std::byte>(value);
            exercise(spoilt);
        }
    }
}

}  // namespace
}  // namespace tenon::elf
