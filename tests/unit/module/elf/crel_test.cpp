#include "module/elf/crel.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <modlink/modlink.h>

#include "kernel/lib/errno.h"
#include "module/elf/object_view.h"
#include "tests/support/object_builder.h"

namespace tenon::elf {
namespace {

// An encoder of its own, from the description of the format alone.
class Encoder {
public:
    Encoder(u64 count, unsigned shift, bool addends = true) : shift_(shift), addends_(addends)
    {
        put_unsigned(count * 8 + (addends ? 4 : 0) + shift);
    }

    void add(const Rela& entry)
    {
        const u64 offset = (entry.offset >> shift_) - offset_;
        const i64 symbol = i64{entry.symbol()} - symbol_;
        const i64 type = i64{entry.type()} - type_;
        const i64 addend = static_cast<i64>(static_cast<u64>(entry.addend) - static_cast<u64>(addend_));
        const unsigned flag_bits = addends_ ? 3 : 2;
        u8 first = static_cast<u8>(offset << flag_bits & 0x7f) | (symbol != 0 ? 1 : 0) | (type != 0 ? 2 : 0);
        if (addends_ && addend != 0)
            first |= 4;
        const u64 rest = offset >> (7 - flag_bits);
        put(rest != 0 ? first | 0x80 : first);
        if (rest != 0)
            put_unsigned(rest);
        if (symbol != 0)
            put_signed(symbol);
        if (type != 0)
            put_signed(type);
        if (addends_ && addend != 0)
            put_signed(addend);
        offset_ = entry.offset >> shift_;
        symbol_ = entry.symbol();
        type_ = entry.type();
        addend_ = entry.addend;
    }

    std::vector<std::byte> bytes;

private:
    void put(unsigned byte) { bytes.push_back(static_cast<std::byte>(byte)); }
    void put_unsigned(u64 value)
    {
        for (; value >= 0x80; value >>= 7)
            put((value & 0x7f) | 0x80);
        put(static_cast<unsigned>(value));
    }
    void put_signed(i64 value)
    {
        for (; value < -64 || value > 63; value >>= 7)
            put((static_cast<u64>(value) & 0x7f) | 0x80);
        put(static_cast<u64>(value) & 0x7f);
    }

    unsigned shift_;
    bool addends_;
    u64 offset_ = 0;
    u32 symbol_ = 0;
    u32 type_ = 0;
    i64 addend_ = 0;
};

std::vector<std::byte> encoded(const std::vector<Rela>& entries, unsigned shift = 0)
{
    Encoder encoder(entries.size(), shift);
    for (const Rela& entry : entries)
        encoder.add(entry);
    return encoder.bytes;
}

std::optional<std::vector<Rela>> decoded(std::span<const std::byte> bytes)
{
    std::vector<Rela> entries;
    auto reader = CrelReader::open(bytes);
    while (reader && reader->remaining() != 0) {
        const auto entry = reader->next();
        if (!entry)
            return std::nullopt;
        entries.push_back(*entry);
    }
    return reader && reader->is_at_end() ? std::optional(entries) : std::nullopt;
}

bool equal(const Rela& a, const Rela& b)
{
    return a.offset == b.offset && a.info == b.info && a.addend == b.addend;
}

TEST(Crel, WhatIsEncodedIsDecoded)
{
    std::mt19937_64 random(1);
    for (int round = 0; round < 200; ++round) {
        const unsigned shift = round % 4;
        std::vector<Rela> entries;
        for (u64 count = random() % 20; count != 0; --count) {
            const u64 narrow = random() % 64;
            entries.push_back({(random() >> narrow) >> shift << shift, random() >> narrow << 32 | (random() % 2000),
                               static_cast<i64>(random()) >> narrow});
        }
        const auto result = decoded(encoded(entries, shift));
        ASSERT_TRUE(result) << round;
        EXPECT_TRUE(std::equal(result->begin(), result->end(), entries.begin(), entries.end(), equal)) << round;
    }
}

// `llvm-mc --crel` (LLVM 19.1.7) of five references.
TEST(Crel, AsLlvmWritesThem)
{
    constexpr u8 section[] = {0x2e, 0x23, 0x01, 0x01, 0x15, 0x01, 0x9a, 0xf1, 0xd9, 0xa2, 0xa3, 0x02, 0x15, 0x7f,
                              0xe3, 0x8e, 0xa6, 0xdd, 0xdc, 0x7d, 0xa7, 0x4e, 0x02, 0x03, 0x03, 0x0b, 0x7f, 0x7d};
    const Rela wanted[] = {{0x10, 0x1'0000'0001, 0},
                           {0x18, 0x2'0000'0001, 0x12'3456'789a},
                           {0x20, 0x1'0000'0001, -3},
                           {0x13b0, 0x3'0000'0004, 0},
                           {0x13b4, 0x2'0000'0001, 0}};
    const auto result = decoded(std::as_bytes(std::span(section)));
    ASSERT_TRUE(result);
    EXPECT_TRUE(std::equal(result->begin(), result->end(), std::begin(wanted), std::end(wanted), equal));
}

TEST(Crel, CutAtEveryLength)
{
    const auto whole = encoded({{8, 0x1'0000'0001, 5}, {1 << 20, 0x7'0000'0002, -(i64{1} << 40)}, {1 << 21, 0x7'0000'0002, 0}});
    for (usize length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(decoded(std::span(whole).first(length))) << length;
}

TEST(Crel, NumbersThatAreTooLong)
{
    std::vector<std::byte> endless(12, std::byte{0xff});
    EXPECT_FALSE(decoded(endless));
    endless.front() = std::byte{0x0c};  // one entry
    EXPECT_FALSE(decoded(endless));
}

constexpr u32 r_x86_64_64 = 1;

struct Linked {
    ::modlink::Output output;
    std::vector<std::byte> data;
};

Linked link(test::ObjectBuilder& builder)
{
    ::modlink::Options options;
    options.resolve = [](std::string_view name) { return std::optional<u64>(name == "one" ? 0x1111 : 0x2222); };
    Linked linked{::modlink::link(builder.build(), options), {}};
    if (const auto* region = linked.output.region(::modlink::RegionKind::data))
        linked.data.assign(region->bytes.begin(), region->bytes.end());
    return linked;
}

std::string problem(const Linked& linked)
{
    return linked.output.problems.empty() ? std::string() : linked.output.problems.front();
}

test::ObjectBuilder object_with(std::span<const std::byte> relocations)
{
    test::ObjectBuilder builder(Machine::x86_64);
    builder.data(".data", 64);
    builder.symbol({.name = "one"});
    builder.symbol({.name = "two"});
    const u32 index = builder.section({.name = ".crel.data", .type = SectionType::crel, .flags = 0, .alignment = 1}, relocations);
    builder.finish();
    builder.header(index).info = 1;
    builder.header(index).link = builder.symbol_table();
    return builder;
}

TEST(Crel, IsAppliedAsOrdinaryRelocationsAre)
{
    const std::vector<Rela> entries = {{0, u64{1} << 32 | r_x86_64_64, 1}, {24, u64{2} << 32 | r_x86_64_64, -2}};
    test::ObjectBuilder compact = object_with(encoded(entries));
    test::ObjectBuilder ordinary(Machine::x86_64);
    ordinary.data(".data", 64);
    for (const std::string_view name : {"one", "two"})
        ordinary.symbol({.name = name});
    for (const Rela& entry : entries)
        ordinary.relocation(1, entry.offset, entry.type(), entry.symbol(), entry.addend);
    const Linked a = link(compact);
    const Linked b = link(ordinary);
    EXPECT_TRUE(a.output.ok()) << problem(a);
    EXPECT_TRUE(b.output.ok()) << problem(b);
    EXPECT_FALSE(a.data.empty());
    EXPECT_EQ(a.data, b.data);
}

void expect_refused(test::ObjectBuilder builder, const std::string& reason)
{
    const Linked linked = link(builder);
    EXPECT_EQ(linked.output.error, static_cast<int>(Errno::noexec)) << reason;
    EXPECT_NE(problem(linked).find(reason), std::string::npos) << problem(linked);
}

TEST(Crel, WhatIsRefused)
{
    const auto good = encoded({{0, u64{1} << 32 | r_x86_64_64, 1}});
    expect_refused(object_with(std::span(good).first(good.size() - 1)), "is not whole");
    auto longer = good;
    longer.push_back(std::byte{});
    expect_refused(object_with(longer), "something follows its 1 entries");
    Encoder without(1, 0, false);
    without.add({0, u64{1} << 32 | r_x86_64_64, 0});
    expect_refused(object_with(without.bytes), "without addends");
    expect_refused(object_with({}), "no compact relocations");
}

// Relocations that nobody knows must not be passed over in silence.
TEST(Encodings, UnknownOnesAreRefusedByName)
{
    for (const SectionType type : {SectionType::relr, SectionType::android_rel, SectionType::android_rela, SectionType::android_relr,
                                   SectionType::aarch64_auth_relr}) {
        test::ObjectBuilder builder(Machine::x86_64);
        builder.data(".data", 8);
        builder.section({.name = ".odd", .type = type, .flags = 0}, std::vector<std::byte>(8));
        expect_refused(std::move(builder), "(.odd): relocations of type");
    }
    for (const bool by_info : {false, true}) {
        test::ObjectBuilder builder(Machine::x86_64);
        builder.data(".data", 8);
        const u32 odd = builder.section({.name = ".odd", .type = static_cast<SectionType>(0x61234567), .flags = 0}, std::vector<std::byte>(8));
        (by_info ? builder.header(odd).info : builder.header(odd).link) = 1;
        expect_refused(std::move(builder), "(.odd): its type 0x61234567 is not known, and it refers to section 1 (.data)");
    }
}

TEST(Encodings, HintsForLinkersAndNotesAreNot)
{
    test::ObjectBuilder builder(Machine::x86_64);
    builder.data(".data", 8);
    for (const u32 type : {0x6fff4c03u, 0x6fff4c0au, 0x6ffffff5u, 0x70000003u, 0x61234567u}) {
        const u32 index = builder.section({.name = ".odd", .type = static_cast<SectionType>(type), .flags = 0}, std::vector<std::byte>(8));
        if (type != 0x61234567)
            builder.header(index).link = 1;
    }
    EXPECT_TRUE(link(builder).output.ok());
}

TEST(Encodings, IntermediateCodeIsNoModule)
{
    test::ObjectBuilder builder(Machine::x86_64);
    builder.section({.name = ".gnu.lto_.opts", .flags = section_exclude}, std::vector<std::byte>(8));
    builder.symbol({.name = "__gnu_lto_slim", .section = index_common, .value = 1, .size = 1, .type = SymbolType::object});
    expect_refused(std::move(builder), "a compiler's intermediate code and no machine code");

    test::ObjectBuilder fat(Machine::x86_64);
    fat.section({.name = ".gnu.lto_.opts", .flags = section_exclude}, std::vector<std::byte>(8));
    fat.data(".data", 8);
    EXPECT_TRUE(link(fat).output.ok());
}

}  // namespace
}  // namespace tenon::elf
