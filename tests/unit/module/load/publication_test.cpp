// Files that somebody has damaged, from the file to the symbol table and through everything that readers see; and loads that are killed.

#include <cstddef>

#include <gtest/gtest.h>

#include "tests/support/module_builder.h"
#include "tests/support/publication.h"

namespace tenon {
namespace {

using test::ModuleBuilder;
using Part = ModuleBuilder::Part;
using Place = ModuleBuilder::Place;

// A module in which every table has entries.
std::vector<std::byte> full_module()
{
    ModuleBuilder module;
    const Place name = module.append_text(Part::rodata, "crafted_symbol");
    const Place other = module.append_text(Part::rodata, "other_symbol");
    const std::vector<ModuleSymbol> symbols{{0, 0}, {4, 2}};
    module.header().symbol_count = 2;
    module.header().symbol_names_size = 4;
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, symbols)), module.append(Part::rodata, std::as_bytes(std::span(symbols))));
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, symbol_names)), module.append_text(Part::rodata, std::string_view("a\0b", 3)));
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, version)), name);
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, exit)), {Part::text, 4});
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, init)), {Part::init_text, 0});
    const Place number = module.append_object(Part::data, u64{3});
    const Place text = module.append_object(Part::data, u64{0});
    module.point(text, name);
    const Place array = module.append(Part::data, std::vector<std::byte>(32));
    const Place hidden = module.append_object(Part::init_data, u64{0});
    module.add_export(name, {Part::text, 0});
    module.add_export(other, {Part::text, 4});
    Parameter parameter{};
    parameter.permissions = 0644;
    parameter.kind = ParameterKind::int_;
    module.add_parameter(parameter, name, number);
    parameter.kind = ParameterKind::charp_;
    module.add_parameter(parameter, other, text);
    parameter.kind = ParameterKind::string_;
    parameter.capacity = 8;
    module.add_parameter(parameter, name, array);
    parameter.kind = ParameterKind::ullong_;
    parameter.capacity = 0;
    parameter.permissions = 0;
    module.add_parameter(parameter, other, hidden);
    return module.build();
}

std::vector<std::vector<std::byte>> samples()
{
    std::vector<std::vector<std::byte>> files{full_module()};
    for (const char* const name : {"classic", "objects", "guarded", "no_exit"}) {
        usize size = 0;
        const auto words = test::read_file(test::fixture_path(name), size);
        const auto bytes = std::as_bytes(std::span(words)).first(size);
        files.emplace_back(bytes.begin(), bytes.end());
    }
    return files;
}

TEST(Publication, OfSoundModules)
{
    test::HostKernel kernel;
    for (const auto& file : samples())
        EXPECT_TRUE(test::publish_and_withdraw(kernel, file));
    EXPECT_EQ(kernel.platform.memory().live_blocks(), 0u);
}

TEST(Publication, OfDamagedModules)
{
    constexpr u64 rounds = 400;
    test::HostKernel kernel;
    const auto files = samples();
    usize published = 0;
    for (u64 seed = 0; seed < rounds * files.size(); ++seed) {
        std::vector<std::byte> file = files[seed % files.size()];
        test::damage(file, seed);
        published += test::publish_and_withdraw(kernel, file).has_value();
        ASSERT_EQ(kernel.platform.memory().live_blocks(), 0u) << "seed " << seed;
        ASSERT_TRUE(kernel.platform.exceptions.empty()) << "seed " << seed;
    }
    EXPECT_GT(published, rounds / 10) << "most would be refused at the first look";
}

// At whatever point a load is killed, nothing is left.
TEST(Publication, AKilledLoadLeavesNothing)
{
    constexpr u32 many = 20'000;
    ModuleBuilder module;
    const Place name = module.append_text(Part::rodata, "crafted");
    std::vector<ModuleSymbol> symbols;
    std::string names;
    for (u32 index = 0; index < many; ++index) {
        symbols.push_back({0, static_cast<u32>(names.size())});
        names += std::string_view("f\0", 2);
        module.point(module.append_object(Part::ro_after_init, u64{0}), name);
    }
    module.header().symbol_count = many;
    module.header().symbol_names_size = static_cast<u32>(names.size());
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, symbols)), module.append(Part::rodata, std::as_bytes(std::span(symbols))));
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, symbol_names)), module.append(Part::rodata, std::as_bytes(std::span(names)), 1));
    std::vector<Place> exported;
    for (u32 index = 0; index < many; ++index)
        exported.push_back(module.append_text(Part::rodata, std::to_string(index)));
    for (const Place& place : exported)
        module.add_export(place, {Part::text, 0});
    const auto file = module.build();
    unsigned killed = 0;
    for (unsigned point = 1;; ++point) {
        test::HostKernel kernel;
        kernel.platform.give_up_at = point;
        const auto result = kernel.load_bytes(file);
        if (result)
            break;  // this point was not reached
        EXPECT_EQ(result.error(), Errno::intr) << kernel.reason();
        EXPECT_EQ(kernel.platform.memory().live_blocks(), 0u) << point;
        EXPECT_FALSE(kernel.registry.find("crafted")) << point;
        EXPECT_EQ(kernel.find_symbol("0"), 0u) << point;
        ++killed;
    }
    EXPECT_GT(killed, 10u);
}

}  // namespace
}  // namespace tenon
