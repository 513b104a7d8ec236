// Every pointer of every table of a module, led astray.

#include <cstddef>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/elf/name_hash.h"
#include "tests/support/host_modules.h"
#include "tests/support/module_builder.h"

namespace tenon {
namespace {

using test::ModuleBuilder;
using testing::HasSubstr;
using Part = ModuleBuilder::Part;
using Place = ModuleBuilder::Place;

constexpr u64 far_away = 0x10'0000'0000;

class Tables : public testing::Test {
protected:
    void expect_refused(const std::string& reason)
    {
        const auto result = kernel.load_bytes(module.build());
        ASSERT_FALSE(result) << "was loaded instead of: " << reason;
        EXPECT_EQ(result.error(), Errno::noexec);
        EXPECT_THAT(kernel.reason(), HasSubstr(reason));
        EXPECT_EQ(kernel.platform.memory().live_blocks(), 0u);
    }
    void expect_loaded()
    {
        ASSERT_TRUE(kernel.load_bytes(module.build())) << kernel.reason();
        EXPECT_TRUE(kernel.unload("crafted")) << kernel.reason();
    }
    Place text(std::string_view string, Part part = Part::rodata) { return module.append_text(part, string); }
    Place number(Part part = Part::data) { return module.append_object(part, u64{0}); }
    static Parameter parameter(ParameterKind kind, u16 permissions = 0644)
    {
        Parameter parameter{};
        parameter.kind = kind;
        parameter.permissions = permissions;
        return parameter;
    }

    test::HostKernel kernel;
    ModuleBuilder module;
};

TEST_F(Tables, ASoundModuleLoads)
{
    module.add_export(text("crafted_symbol"), {Part::text, 0});
    const Place name = text("number");
    module.add_parameter(parameter(ParameterKind::int_), name, number());
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, exit)), {Part::text, 4});
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, init)), {Part::init_text, 0});
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, version)), name);
    expect_loaded();
}

TEST_F(Tables, NamesOfExports)
{
    module.add_export({Part::rodata, far_away}, {Part::text, 0});
    expect_refused("the name of an export");
}

TEST_F(Tables, NamesOfExportsEndInTheirRegion)
{
    const Place name = text("endless");
    module.append(Part::rodata, std::vector<std::byte>(4096, std::byte{'x'}), 1);
    module.add_export({Part::rodata, name.offset + 8}, {Part::text, 0});
    expect_refused("does not end in its region");
}

TEST_F(Tables, NamesOfExportsInInitMemory)
{
    module.add_export(text("gone", Part::init_data), {Part::text, 0});
    expect_refused("the name of an export");
}

TEST_F(Tables, ExportsInInitMemory)
{
    module.add_export(text("gone"), {Part::text, 0}, Part::init_data);
    expect_refused("exports at");
}

TEST_F(Tables, ExportsInConstantMemory)
{
    const Place name = text("constant");
    module.add_export(name, {Part::text, 0}, Part::rodata);
    expect_refused("may not lie in region rodata");
}

TEST_F(Tables, ExportsOfInitMemory)
{
    module.add_export(text("gone"), {Part::init_text, 0});
    expect_refused("the value of an export");
}

TEST_F(Tables, AnExportTwice)
{
    const Place name = text("same");
    module.add_export(name, {Part::text, 0});
    module.add_export(name, {Part::text, 4});
    expect_refused("exports symbol same twice");
    EXPECT_EQ(kernel.find_symbol("same"), 0u);
}

TEST_F(Tables, OverlappingExports)
{
    const Place name = text("one");
    const Place entry = module.add_export(name, {Part::text, 0});
    module.header().gpl_export_count = 1;
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, gpl_exports)), entry);
    expect_refused("overlap");
}

TEST_F(Tables, ACountBeyondTheRegion)
{
    module.add_export(text("one"), {Part::text, 0});
    module.header().export_count = 1000;
    expect_refused("do not lie inside the module");
}

TEST_F(Tables, ExitInInitMemory)
{
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, exit)), {Part::init_text, 0});
    expect_refused("may not lie in region init_text");
}

TEST_F(Tables, InitInData)
{
    number();
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, init)), {Part::data, 0});
    expect_refused("init at");
}

TEST_F(Tables, Constructors)
{
    const Place table = number(Part::init_data);
    module.header().constructor_count = 1;
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, constructors)), table);
    module.point(table, {Part::rodata, 0});
    expect_refused("a constructor at");
}

TEST_F(Tables, TheHandleIsWrittenBeforeAnythingIsChecked)
{
    const Place name = text("number");
    const Place entry = module.add_parameter(parameter(ParameterKind::int_), name, number());
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, handle)), entry);  // a second relocation of the field: the last one counts
    expect_refused("the name of a parameter");
}

TEST_F(Tables, NamesOfParameters)
{
    module.add_parameter(parameter(ParameterKind::int_), {Part::rodata, far_away}, number());
    expect_refused("the name of a parameter");
}

TEST_F(Tables, NamesOfParametersAreFileNames)
{
    for (const std::string_view name : {"", ".", "..", "a/b", "a\nb"}) {
        module = ModuleBuilder();
        const Place place = text(name);
        module.add_parameter(parameter(ParameterKind::int_), place, number());
        expect_refused("cannot be the name of a parameter");
    }
}

TEST_F(Tables, KindsOfParameters)
{
    const Place name = text("number");
    module.add_parameter(parameter(static_cast<ParameterKind>(200)), name, number());
    expect_refused("unknown kind 200");
}

TEST_F(Tables, VariablesOfParameters)
{
    const Place name = text("number");
    module.add_parameter(parameter(ParameterKind::ullong_), name, {Part::data, far_away});
    expect_refused("the variable of a parameter");
}

TEST_F(Tables, VariablesInConstantMemory)
{
    const Place name = text("number");
    module.add_parameter(parameter(ParameterKind::ullong_, 0), name, {Part::rodata, 0});
    expect_refused("may not lie in region rodata");
}

TEST_F(Tables, VariablesThatGoWithInitAreNotInSysfs)
{
    const Place name = text("number");
    module.add_parameter(parameter(ParameterKind::ullong_, 0444), name, number(Part::init_data));
    expect_refused("may not lie in region init_data");
    module = ModuleBuilder();
    const Place hidden = text("number");
    module.add_parameter(parameter(ParameterKind::ullong_, 0), hidden, number(Part::init_data));
    ASSERT_TRUE(kernel.load_bytes(module.build(), "number=7")) << kernel.reason();
    EXPECT_TRUE(kernel.unload("crafted"));
}

TEST_F(Tables, VariablesThatAreConstantAfterInitAreNotWritableInSysfs)
{
    const Place name = text("number");
    const Place variable = number(Part::ro_after_init);
    module.add_parameter(parameter(ParameterKind::ullong_, 0644), name, variable);
    expect_refused("may not lie in region ro_after_init");
}

TEST_F(Tables, ReadOnlyVariablesMayBeConstantAfterInit)
{
    const Place name = text("number");
    const Place variable = number(Part::ro_after_init);
    module.add_parameter(parameter(ParameterKind::ullong_, 0444), name, variable);
    expect_loaded();
}

TEST_F(Tables, ArraysAreWhole)
{
    const Place name = text("numbers");
    Parameter array = parameter(ParameterKind::int_);
    array.capacity = 0x4000'0000;
    module.add_parameter(array, name, number());
    expect_refused("the variable of a parameter");
}

TEST_F(Tables, CountsOfArrays)
{
    const Place name = text("numbers");
    Parameter array = parameter(ParameterKind::int_);
    array.capacity = 2;
    const Place entry = module.add_parameter(array, name, number());
    module.point({Part::rodata, entry.offset + offsetof(Parameter, count)}, module.append_object(Part::data, u32{3}));
    expect_refused("counts 3 of 2 elements");
}

TEST_F(Tables, StringsEnd)
{
    const Place name = text("word");
    Parameter string = parameter(ParameterKind::string_);
    string.capacity = 8;
    module.add_parameter(string, name, module.append(Part::data, std::vector<std::byte>(8, std::byte{'x'})));
    expect_refused("does not end in its 8 bytes");
}

TEST_F(Tables, TextsOfParameters)
{
    const Place name = text("word");
    module.add_parameter(parameter(ParameterKind::charp_), name, module.append_object(Part::data, u64{0x1234}));
    expect_refused("the text of a parameter");
}

TEST_F(Tables, OperationsOfParameters)
{
    const Place name = text("own");
    const Place operations = module.append(Part::rodata, std::vector<std::byte>(16));
    module.point({Part::rodata, operations.offset}, {Part::rodata, 0});
    const Place entry = module.add_parameter(parameter(ParameterKind::custom_), name, number());
    module.point({Part::rodata, entry.offset + offsetof(Parameter, operations)}, operations);
    expect_refused("the function that sets a parameter");
}

TEST_F(Tables, AVariableAmongTheExports)
{
    const Place name = text("crafted_symbol");
    const Place entry = module.add_export(name, {Part::text, 0});
    module.add_parameter(parameter(ParameterKind::ullong_), name, {Part::data, entry.offset + offsetof(ExportedSymbol, next)});
    expect_refused("lies in a table of exports");
}

TEST_F(Tables, TextsThatShareTheirBytesBeyondMeasure)
{
    const Place name = text(std::string(60'000, 'x'));
    for (u64 index = 0; index < 1000; ++index)
        module.add_export({Part::rodata, name.offset + index}, {Part::text, 0});
    expect_refused("too many texts share their bytes");
}

TEST_F(Tables, TextsBeyondAllMeasure)
{
    module.add_export(text(std::string(elf::longest_name, 'x')), {Part::text, 0});
    expect_refused("the name of an export at");
    EXPECT_THAT(kernel.reason(), HasSubstr("is longer than"));
    module = ModuleBuilder();
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, version)), text(std::string(elf::longest_name, 'x')));
    expect_refused("is longer than");
}

TEST_F(Tables, Versions)
{
    module.point(ModuleBuilder::field(offsetof(ModuleHeader, version)), {Part::rodata, far_away});
    expect_refused("version");
}

class Symbols : public Tables {
protected:
    void symbols(std::vector<ModuleSymbol> table, std::string_view names)
    {
        const Place place = module.append(Part::rodata, std::as_bytes(std::span(table)));
        module.header().symbol_count = static_cast<u32>(table.size());
        module.header().symbol_names_size = static_cast<u32>(names.size());
        module.point(ModuleBuilder::field(offsetof(ModuleHeader, symbols)), place);
        module.point(ModuleBuilder::field(offsetof(ModuleHeader, symbol_names)),
                     module.append(Part::rodata, std::as_bytes(std::span(names)), 1));
    }
};

TEST_F(Symbols, InOrder)
{
    symbols({{0, 0}, {4, 2}}, std::string_view("a\0b\0", 4));
    expect_loaded();
}
TEST_F(Symbols, NamesOutside)
{
    symbols({{0, 0}, {4, 4}}, std::string_view("a\0b\0", 4));
    expect_refused("symbol 1");
}
TEST_F(Symbols, OffsetsThatFall)
{
    symbols({{4, 0}, {0, 2}}, std::string_view("a\0b\0", 4));
    expect_refused("symbol 0");
}
TEST_F(Symbols, OffsetsOutside)
{
    symbols({{0, 0}, {400, 2}}, std::string_view("a\0b\0", 4));
    expect_refused("symbol 1");
}
TEST_F(Symbols, NamesThatShareTheirBytes)
{
    symbols({{0, 0}, {4, 1}}, std::string_view("ab\0\0", 4));
    expect_refused("symbol 1");
}
TEST_F(Symbols, NamesThatFall)
{
    symbols({{0, 2}, {4, 0}}, std::string_view("a\0b\0", 4));
    expect_refused("symbol 1");
}
TEST_F(Symbols, TheFirstInsideAName)
{
    symbols({{0, 1}, {4, 3}}, std::string_view("ab\0c\0", 5));
    expect_refused("symbol 0");
}
TEST_F(Symbols, MoreThanOnePieceOfThem)
{
    std::vector<ModuleSymbol> table;
    std::string names;
    for (u32 index = 0; index < 20'000; ++index) {
        table.push_back({0, static_cast<u32>(names.size())});
        names += std::string_view("f\0", 2);
    }
    symbols(table, names);
    expect_loaded();
}
TEST_F(Symbols, NamesWithoutEnd)
{
    symbols({{0, 0}}, "ab");
    expect_refused("symbol 0");
}

// Functions that nobody would call.
TEST_F(Tables, OldConstructors)
{
    for (const std::string_view name : {".ctors", ".dtors", ".ctors.65535"}) {
        module = ModuleBuilder();
        module.object().data(name, 8);
        expect_refused("nobody would call its functions");
    }
}
TEST_F(Tables, ArraysOfFunctionsThatTheHeaderDoesNotName)
{
    for (const elf::SectionType type : {elf::SectionType::init_array, elf::SectionType::fini_array, elf::SectionType::preinit_array}) {
        module = ModuleBuilder();
        const u64 zero = 0;
        module.object().section({.name = ".functions", .type = type, .flags = elf::section_alloc | elf::section_write},
                                std::as_bytes(std::span(&zero, 1)));
        expect_refused("(.functions): nobody would call its functions");
    }
}

}  // namespace
}  // namespace tenon
