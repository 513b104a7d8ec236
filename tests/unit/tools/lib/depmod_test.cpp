#include <gtest/gtest.h>

#include <algorithm>

#include "tools/lib/depmod/cycles.h"
#include "tools/lib/depmod/dependency.h"
#include "tools/lib/depmod/depmod_config.h"
#include "tools/lib/depmod/index_files.h"
#include "tools/lib/depmod/symbol_files.h"
#include "tools/lib/depmod/symbol_hash.h"
#include "tools/lib/index_reader.h"

namespace tenon::tools {
namespace {

SymbolName name_of(std::string_view text)
{
    return SymbolName(text);
}

ModuleRecord module(const std::string& name, std::vector<std::string_view> exports, std::vector<std::string_view> needs)
{
    ModuleRecord record;
    record.name = name;
    record.path = "kernel/" + name + ".ko";
    record.full_path = "/lib/modules/1.0/" + record.path;
    for (const std::string_view symbol : exports)
        record.exports.push_back({name_of(symbol), 0});
    for (const std::string_view symbol : needs)
        record.needs.push_back({name_of(symbol), 0, false});
    return record;
}

ExportTable exports_of(const std::vector<ModuleRecord>& records)
{
    ExportTable table(4);
    for (u32 number = 0; number < records.size(); ++number)
        for (const ExportedSymbol& symbol : records[number].exports)
            table.add(symbol.name, symbol.crc, number);
    return table;
}

TEST(ExportTable, GrowsAndReplaces)
{
    std::vector<std::string> names;
    for (int number = 0; number < 1000; ++number)
        names.push_back("symbol_" + std::to_string(number));
    ExportTable table(1);
    for (u32 number = 0; number < names.size(); ++number)
        table.add(name_of(names[number]), 0, number);
    table.add(name_of("symbol_7"), 5, 12345);
    EXPECT_EQ(table.entries().size(), names.size());
    for (u32 number = 0; number < names.size(); ++number)
        EXPECT_EQ(table.find(name_of(names[number]))->owner, number == 7 ? 12345 : number);
    EXPECT_EQ(table.find(name_of("symbol_1000")), nullptr);
}

TEST(Dependencies, AreTransitiveAndInReverseLoadOrder)
{
    std::vector<ModuleRecord> records{module("top", {}, {"mid_call", "low_call", "kernel_call"}),
                                      module("low", {"low_call"}, {}), module("mid", {"mid_call"}, {"low_call"})};
    resolve_dependencies(records, exports_of(records), {});
    EXPECT_TRUE(order_dependencies(records).empty());
    EXPECT_EQ(make_dependencies(records, {}).text, "kernel/top.ko: kernel/mid.ko kernel/low.ko\n"
                                                   "kernel/low.ko:\n"
                                                   "kernel/mid.ko: kernel/low.ko\n");
}

TEST(Dependencies, IndexHasTheLineOfEachModule)
{
    std::vector<ModuleRecord> records{module("a", {}, {"b_call"}), module("b", {"b_call"}, {})};
    resolve_dependencies(records, exports_of(records), {});
    order_dependencies(records);
    const std::string binary = make_dependencies(records, {}).binary;
    const auto reader = IndexReader::over(std::as_bytes(std::span(binary)));
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->find("a")->text, "kernel/a.ko: kernel/b.ko");
    EXPECT_EQ(reader->find("b")->text, "kernel/b.ko:");
}

// Of the modules that nobody waits for any more, the one found last comes first: modules.dep lists dependencies in this order.
TEST(Dependencies, WhatIsFoundLastComesFirst)
{
    std::vector<ModuleRecord> records{module("first", {}, {"a", "b"}), module("a", {"a"}, {"c"}), module("b", {"b"}, {"d"}),
                                      module("c", {"c"}, {}),          module("d", {"d"}, {}),    module("second", {}, {"c"})};
    resolve_dependencies(records, exports_of(records), {});
    ASSERT_TRUE(order_dependencies(records).empty());
    std::vector<u32> orders;
    for (const ModuleRecord& record : records)
        orders.push_back(record.order);
    EXPECT_EQ(orders, (std::vector<u32>{1, 4, 2, 5, 3, 0}));
    EXPECT_TRUE(make_dependencies(records, {}).text.starts_with("kernel/first.ko: kernel/b.ko kernel/d.ko kernel/a.ko kernel/c.ko\n"));
}

// What a symbol with a dot in front names is provided by who exports it without; nobody can provide one that is exported with a dot.
TEST(Dependencies, DotsInFrontNameTheCodeOfFunctions)
{
    std::vector<ModuleRecord> records{module("user", {}, {".call", ".TOC.", ".gone", ".odd"}), module("provider", {"call", ".odd"}, {})};
    ExportTable exports = exports_of(records);
    add_made_up_symbols(exports);
    testing::internal::CaptureStderr();
    resolve_dependencies(records, exports, {.report_unknown = true});
    EXPECT_EQ(testing::internal::GetCapturedStderr().find(".TOC."), std::string::npos);
    EXPECT_EQ(records[0].dependencies, std::vector<u32>{1});
}

TEST(Dependencies, OwnSymbolsAreNoDependency)
{
    std::vector<ModuleRecord> records{module("a", {"x"}, {"x"})};
    resolve_dependencies(records, exports_of(records), {});
    EXPECT_TRUE(records[0].dependencies.empty());
    EXPECT_TRUE(order_dependencies(records).empty());
}

TEST(Dependencies, CyclesAreFoundOnceEach)
{
    std::vector<ModuleRecord> records{module("a", {"a"}, {"b"}), module("b", {"b"}, {"c"}), module("c", {"c"}, {"a", "d"}),
                                      module("d", {"d"}, {}), module("x", {"x"}, {"y"}), module("y", {"y"}, {"x", "a"})};
    resolve_dependencies(records, exports_of(records), {});
    const auto left = order_dependencies(records);
    const auto cycles = find_cycles(records, left).found;
    ASSERT_EQ(cycles.size(), 2U);
    EXPECT_EQ(cycles[0], (std::vector<u32>{0, 1, 2, 0}));
    EXPECT_EQ(cycles[1], (std::vector<u32>{4, 5, 4}));
}

TEST(Dependencies, ModulesInNestedCyclesAreCountedOnceEach)
{
    std::vector<ModuleRecord> records{module("a", {"a"}, {"b"}),      module("b", {"b"}, {"c", "d"}), module("c", {"c"}, {"a"}),
                                      module("d", {"d"}, {"c", "e"}), module("e", {"e"}, {}),         module("user", {}, {"a"})};
    resolve_dependencies(records, exports_of(records), {});
    const auto left = order_dependencies(records);
    EXPECT_EQ(left.size(), 5U);
    EXPECT_EQ(count_in_cycles(records, left), 4U);
    EXPECT_EQ(find_cycles(records, left).found.front(), (std::vector<u32>{0, 1, 3, 2, 0}));
}

TEST(Dependencies, LongCyclesAndWhatHangsOnThemAreCounted)
{
    constexpr u32 length = 100'000;
    std::vector<ModuleRecord> records(length);
    std::vector<u32> candidates;
    for (u32 number = 0; number < length; ++number) {
        records[number].dependencies = {number + 1 < length - 1 ? number + 1 : 0};
        candidates.push_back(number);
    }
    EXPECT_EQ(count_in_cycles(records, candidates), length - 1);  // the last one only needs one of them
}

// A walk that marks what it has seen meets two of them alone.
TEST(Dependencies, CyclesThatShareModulesAreAllFound)
{
    std::vector<ModuleRecord> records{module("h", {"h"}, {"i", "j"}), module("i", {"i"}, {"j", "k"}), module("j", {"j"}, {"h", "k"}),
                                      module("k", {"k"}, {"h"})};
    resolve_dependencies(records, exports_of(records), {});
    const Cycles cycles = find_cycles(records, order_dependencies(records));
    EXPECT_TRUE(cycles.all);
    auto found = cycles.found;
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, (std::vector<std::vector<u32>>{{0, 1, 2, 0}, {0, 1, 2, 3, 0}, {0, 1, 3, 0}, {0, 2, 0}, {0, 2, 3, 0}}));
}

TEST(Dependencies, TooManyCyclesAreCutAndSayIt)
{
    std::vector<std::string> names;
    for (char letter = 'a'; letter <= 'p'; ++letter)
        names.emplace_back(1, letter);
    const std::vector<std::string_view> symbols(names.begin(), names.end());
    std::vector<ModuleRecord> records;
    for (const std::string& name : names)
        records.push_back(module(name, {name}, symbols));
    resolve_dependencies(records, exports_of(records), {});
    const Cycles cycles = find_cycles(records, order_dependencies(records));
    EXPECT_FALSE(cycles.all);
    EXPECT_EQ(cycles.found.size(), 1000U);
}

TEST(Dependencies, ChainsMayBeLong)
{
    constexpr u32 length = 200'000;
    std::vector<ModuleRecord> records(length);
    for (u32 number = 0; number + 1 < length; ++number)
        records[number].dependencies = {number + 1};
    EXPECT_EQ(DependencyClosure(records).of(0).size(), length - 1);
}

TEST(Dependencies, UnknownSymbolsAreReportedUnlessWeak)
{
    std::vector<ModuleRecord> records{module("a", {}, {"gone", "maybe", "known"})};
    records[0].needs[1].weak = true;
    ExportTable exports(4);
    const std::string map = "ffff R __ksymtab_known\nffff T something\n";
    add_system_map(exports, map, "System.map", '\0');
    testing::internal::CaptureStderr();
    resolve_dependencies(records, exports, {.report_unknown = true});
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_NE(text.find("/lib/modules/1.0/kernel/a.ko needs unknown symbol gone"), std::string::npos);
    EXPECT_EQ(text.find("maybe"), std::string::npos);
    EXPECT_EQ(text.find("known\n"), std::string::npos);
}

TEST(Dependencies, WrongVersionsAreReported)
{
    std::vector<ModuleRecord> records{module("a", {}, {"right", "wrong"})};
    records[0].needs[0].crc = 0x12;
    records[0].needs[1].crc = 0x12;
    ExportTable exports(4);
    const std::string symvers = "0x00000012\tright\tvmlinux\tEXPORT_SYMBOL\n0x13\twrong\tvmlinux\tEXPORT_SYMBOL\n"
                                "0x14\tright\tdrivers/other\tEXPORT_SYMBOL\n";
    add_module_symvers(exports, symvers, "Module.symvers");
    testing::internal::CaptureStderr();
    resolve_dependencies(records, exports, {.report_unknown = true, .check_versions = true});
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_NE(text.find("disagrees about version of symbol wrong"), std::string::npos);
    EXPECT_EQ(text.find("symbol right"), std::string::npos);
}

// Values taken from the order of a modules.symbols that kmod 30 wrote: in one file the buckets ascend.
TEST(SymbolHash, OrdersLikeKmod)
{
    const char* in_order[] = {"drm_dp_link_train_channel_eq_delay", "drm_need_swiotlb"};
    EXPECT_LE(kmod_symbol_hash(in_order[0]) % 2048, kmod_symbol_hash(in_order[1]) % 2048);
    EXPECT_LT(kmod_symbol_hash("d_sym") % 2048, kmod_symbol_hash("c_sym") % 2048);
    EXPECT_LT(kmod_symbol_hash("c_sym") % 2048, kmod_symbol_hash("s_sym") % 2048);
    EXPECT_LT(kmod_symbol_hash("s_sym") % 2048, kmod_symbol_hash("a_sym") % 2048);
    EXPECT_LT(kmod_symbol_hash("e_sym") % 2048, kmod_symbol_hash("b_sym") % 2048);
}

TEST(DeviceNames, NeedANumber)
{
    ModuleRecord fuse = module("fuse", {}, {});
    fuse.aliases = {"char-major-10-229", "devname:fuse"};
    ModuleRecord loop = module("loop", {}, {});
    loop.aliases = {"devname:loop-control", "block-major-7-*", "block-major-7-1"};
    EXPECT_EQ(make_device_names(std::vector{fuse, loop}), "# Device nodes to trigger on-demand module loading.\n"
                                                          "fuse fuse c10:229\nloop loop-control b7:1\n");
    ModuleRecord bad = module("bad", {}, {});
    bad.aliases = {"devname:bad", "char-major-10-"};
    testing::internal::CaptureStderr();
    EXPECT_EQ(make_device_names(std::vector{bad}), "");
    EXPECT_NE(testing::internal::GetCapturedStderr().find("Module 'bad' has devname (bad) but lacks"), std::string::npos);
}

TEST(Aliases, OpenBracketStaysOutOfTheIndex)
{
    ModuleRecord record = module("m", {}, {});
    record.aliases = {"pci:v-[a-b]", "bad[open"};
    testing::internal::CaptureStderr();
    const IndexPair pair = make_aliases(std::vector{record}, {});
    EXPECT_NE(testing::internal::GetCapturedStderr().find("Unmatched bracket in bad[open"), std::string::npos);
    EXPECT_NE(pair.text.find("alias bad[open m\n"), std::string::npos);
    std::vector<std::string> keys;
    const auto reader = IndexReader::over(std::as_bytes(std::span(pair.binary)));
    reader->for_each([&](const std::string& key, const IndexValue&) { keys.push_back(key); });
    EXPECT_EQ(keys, std::vector<std::string>{"pci:v_[a-b]"});
}

TEST(Builtin, AliasesComeFromTheInformationFile)
{
    using namespace std::string_view_literals;
    const auto text = "ext4.license=GPL\0ext4.alias=fs-ext4\0crc.alias=crypto-crc\0broken\0"sv;
    const std::string binary = make_builtin_aliases(text, {});
    const auto reader = IndexReader::over(std::as_bytes(std::span(binary)));
    EXPECT_EQ(reader->find("fs_ext4")->text, "ext4");
    EXPECT_EQ(reader->find("crypto_crc")->text, "crc");
}

TEST(DepmodConfig, RanksFolders)
{
    DepmodConfig config;
    parse_depmod_config(config, "search first built-in external last\nexternal * /ext/a /ext/b\nexclude attic\n", "f", "/m", "6.1");
    EXPECT_LT(config.rank_of("/m/first/x.ko"), config.rank_of("/m/kernel/x.ko"));
    EXPECT_LT(config.rank_of("/m/kernel/x.ko"), config.rank_of("/ext/a/x.ko"));
    EXPECT_LT(config.rank_of("/ext/a/x.ko"), config.rank_of("/ext/b/x.ko"));
    EXPECT_LT(config.rank_of("/ext/b/x.ko"), config.rank_of("/m/last/x.ko"));
    EXPECT_EQ(config.excludes, std::vector<std::string>{"attic"});
}

TEST(DepmodConfig, ComparesReleases)
{
    DepmodConfig config;
    parse_depmod_config(config, "override a 6\\\\.1.* extra\noverride b 5.* extra\noverride c * weak-updates\n", "f", "/m", "6.1.0-9");
    EXPECT_EQ(config.overrides, (std::vector<std::string>{"/m/extra/a", "/m/weak-updates/c"}));
}

TEST(DepmodConfig, DefaultPrefersUpdates)
{
    DepmodConfig config;
    add_default_searches(config, "/m");
    EXPECT_LT(config.rank_of("/m/updates/x.ko"), config.rank_of("/m/kernel/x.ko"));
    EXPECT_TRUE(config.prefers("/m/updates/x.ko", "/m/kernel/x.ko"));
    EXPECT_FALSE(config.prefers("/m/kernel/x.ko", "/m/updates/x.ko"));
    EXPECT_FALSE(config.prefers("/m/kernel/b/x.ko", "/m/kernel/a/x.ko"));
    EXPECT_TRUE(config.prefers("/m/updates/b/x.ko", "/m/updates/a/x.ko"));
}

}  // namespace
}  // namespace tenon::tools
