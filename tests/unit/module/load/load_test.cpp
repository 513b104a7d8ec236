#include "module/elf/name_hash.h"
#include "module/load/load.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/clock.h"
#include "tests/support/failing_new.h"
#include "tests/support/host_modules.h"
#include "tests/support/log_lines.h"
#include <tenon/time.h>

namespace tenon {
namespace {

using test::HostKernel;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Load : public testing::Test {
protected:
    static std::vector<std::string> events() { return HostKernel::take_events(); }

    void expect_failure(const std::string& name, std::string_view arguments, Errno error, const std::string& reason)
    {
        const auto result = kernel.load(name, arguments);
        ASSERT_FALSE(result) << name << " was loaded";
        EXPECT_EQ(result.error(), error);
        EXPECT_THAT(kernel.reason(), HasSubstr(reason));
    }

    std::string parameter(const std::string& module, std::string_view name)
    {
        FixedText<200> text;
        const auto found = kernel.registry.find(module);
        found->parameters.print(*found->parameters.find(name), text);
        return text.c_str();
    }

    HostKernel kernel;
};

TEST_F(Load, RunsInitAndExit)
{
    ASSERT_TRUE(kernel.load("classic")) << kernel.reason();
    EXPECT_THAT(events(), ElementsAre("classic init"));
    const auto module = kernel.registry.find("classic");
    ASSERT_TRUE(module);
    EXPECT_EQ(module->state(), modreg::State::live);
    EXPECT_STREQ(module->version, "2.5");
    EXPECT_EQ(kernel.platform.memory().live_init_blocks(), 0u) << "the init regions are freed after init";

    ASSERT_TRUE(kernel.unload("classic")) << kernel.reason();
    EXPECT_THAT(events(), ElementsAre("classic exit"));
    EXPECT_EQ(kernel.platform.memory().live_blocks(), 0u);
    EXPECT_EQ(kernel.platform.quiescent_waits, 2u) << "memory of init and of the rest is reused only when nobody can be in it";
    EXPECT_EQ(kernel.find_symbol("classic_answer"), 0u);
}

TEST_F(Load, ExceptionTablesAreSortedAndThoseOfInitGoWithInit)
{
    ASSERT_TRUE(kernel.load("guarded")) << kernel.reason();
    EXPECT_THAT(events(), ElementsAre("guarded init"));
    ASSERT_EQ(kernel.platform.exceptions.size(), 1u);
    const auto table = kernel.platform.exceptions[0];
    EXPECT_EQ(table.size(), 2u) << "exit loads and stores; the entry of init is forgotten";
    const auto module = kernel.registry.find("guarded");
    u64 last = 0;
    for (const ExceptionEntry& entry : table) {
        EXPECT_EQ(module->image.region_of(target(entry.instruction)), modlink::Region::text);
        EXPECT_EQ(module->image.region_of(target(entry.fixup)), modlink::Region::text);
        EXPECT_GT(target(entry.instruction), last);
        last = target(entry.instruction);
    }
    ASSERT_TRUE(kernel.unload("guarded")) << kernel.reason();
    EXPECT_THAT(events(), ElementsAre("guarded exit"));
    EXPECT_TRUE(kernel.platform.exceptions.empty());

    EXPECT_EQ(kernel.load("guarded", "status=-5").error(), Errno::io);
    EXPECT_TRUE(kernel.platform.exceptions.empty()) << "a load that fails leaves no table behind";
    static_cast<void>(events());
}

TEST_F(Load, ConstructsGlobalObjectsAndDestroysThemInReverse)
{
    ASSERT_TRUE(kernel.load("objects")) << kernel.reason();
    EXPECT_THAT(events(), ElementsAre("first constructed", "second constructed"));
    ASSERT_TRUE(kernel.unload("objects"));
    EXPECT_THAT(events(), ElementsAre("second destroyed", "first destroyed"));
}

TEST_F(Load, AConstructorCanRefuse)
{
    expect_failure("objects", "refuse=19", Errno::nodev, "global object");
    EXPECT_THAT(events(), ElementsAre("first constructed", "second constructed", "second destroyed", "first destroyed"));
    EXPECT_EQ(kernel.platform.memory().live_blocks(), 0u);
    EXPECT_FALSE(kernel.registry.find("objects"));
}

TEST_F(Load, AFailingInitLeavesNothing)
{
    expect_failure("classic", "status=-12", Errno::nomem, "init failed: ENOMEM");
    EXPECT_EQ(kernel.platform.memory().live_blocks(), 0u);
    EXPECT_EQ(kernel.find_symbol("classic_answer"), 0u);
    EXPECT_FALSE(kernel.registry.find("classic"));
    EXPECT_TRUE(kernel.load("classic"));
}

TEST_F(Load, APositiveInitIsOnlyAWarning)
{
    test::LogLines::take();
    ASSERT_TRUE(kernel.load("classic", "status=5"));
    EXPECT_THAT(test::LogLines::take(), ElementsAre(HasSubstr("init returned 5")));
}

TEST_F(Load, Parameters)
{
    ASSERT_TRUE(kernel.load("classic", "small=255 short_number=-0x10 mask=0xff large=18446744073709551615 flag loud=y "
                                       "label=\"two words\" text=seven77 numbers=7,8 words=x,yy doubled=4 status=0"))
        << kernel.reason();
    EXPECT_EQ(parameter("classic", "small"), "255");
    EXPECT_EQ(parameter("classic", "short-number"), "-16");
    EXPECT_EQ(parameter("classic", "mask"), "0x0000ff");
    EXPECT_EQ(parameter("classic", "large"), "18446744073709551615");
    EXPECT_EQ(parameter("classic", "flag"), "Y");
    EXPECT_EQ(parameter("classic", "loud"), "Y");
    EXPECT_EQ(parameter("classic", "label"), "two words");
    EXPECT_EQ(parameter("classic", "text"), "seven77");
    EXPECT_EQ(parameter("classic", "numbers"), "7,8");
    EXPECT_EQ(parameter("classic", "words"), "x,yy");
    EXPECT_EQ(parameter("classic", "doubled"), "4");
}

TEST_F(Load, BadParameters)
{
    expect_failure("classic", "small=256", Errno::range, "'256' invalid for parameter 'small'");
    expect_failure("classic", "small=-1", Errno::inval, "'-1' invalid for parameter 'small'");
    expect_failure("classic", "small=1x", Errno::inval, "invalid for parameter");
    expect_failure("classic", "small", Errno::inval, "invalid for parameter");
    expect_failure("classic", "text=12345678", Errno::nospc, "too large for parameter 'text'");
    expect_failure("classic", "numbers=1,2,3,4", Errno::inval, "invalid for parameter 'numbers'");
    expect_failure("classic", "words=a,b,c", Errno::inval, "invalid for parameter 'words'");
    expect_failure("classic", "doubled=ab", Errno::inval, "invalid for parameter 'doubled'");
    EXPECT_THAT(events(), IsEmpty());
    test::LogLines::take();
    EXPECT_TRUE(kernel.load("classic", "unheard_of=1"));
    EXPECT_THAT(test::LogLines::take(), ElementsAre(HasSubstr("unknown parameter 'unheard_of' ignored")));
}

// What is written to /sys ends in a newline, a NUL or both, whatever the kind.
TEST_F(Load, WrittenValuesMayEndLikeLinesOrStrings)
{
    ASSERT_TRUE(kernel.load("classic")) << kernel.reason();
    const auto module = kernel.registry.find("classic");
    const std::pair<const char*, const char*> values[] = {
        {"small", "7"},   {"short_number", "-7"}, {"mask", "0x000007"}, {"large", "7"}, {"flag", "Y"},    {"loud", "Y"},
        {"label", "new"}, {"text", "new"},        {"numbers", "7,8"},   {"words", "c"}, {"doubled", "3"},
    };
    using namespace std::string_view_literals;
    for (const auto& [name, value] : values)
        for (const std::string_view end : {""sv, "\n"sv, "\0"sv, "\n\0"sv, "\0\n"sv, "\0rest"sv}) {
            const std::string written = std::string(value) + std::string(end);
            const std::string_view text = written;
            EXPECT_TRUE(module->parameters.set(*module->parameters.find(name), &text)) << name;
            EXPECT_EQ(parameter("classic", name), value) << name << " and " << end.size() << " bytes more";
        }
}

TEST_F(Load, RefusedValuesLeaveTheOldOnes)
{
    ASSERT_TRUE(kernel.load("classic")) << kernel.reason();
    const auto module = kernel.registry.find("classic");
    const std::pair<const char*, const char*> refused[] = {
        {"small", "256"}, {"flag", "maybe"},    {"text", "12345678"}, {"numbers", "9,8,x"}, {"numbers", "9,8,7,6"},
        {"numbers", ""},  {"numbers", "9,,7"},  {"words", "x,y,z"},   {"doubled", "ab"},
    };
    for (const auto& [name, value] : refused) {
        const std::string before = parameter("classic", name);
        const std::string_view text = value;
        EXPECT_FALSE(module->parameters.set(*module->parameters.find(name), &text)) << name << "=" << value;
        EXPECT_EQ(parameter("classic", name), before) << name << "=" << value;
    }
}

// A load that needs many symbols of modules whose init never ends waits as long as one that needs one.
TEST_F(Load, WaitsForProvidersOnceInAll)
{
    modload::Report report;
    const Ref<modreg::Module> provider = *kernel.registry.reserve("provider", report);
    ExportedSymbol symbols[2]{};
    symbols[0].name = "first_of_provider";
    symbols[1].name = "second_of_provider";
    for (ExportedSymbol& symbol : symbols) {
        symbol.owner = provider.get();
        symbol.hash = elf::name_hash(symbol.name);
    }
    provider->exports = symbols;
    ASSERT_TRUE(kernel.registry.publish(*provider, {}, report));

    constexpr u64 longest = 30 * nanoseconds_per_second;
    modreg::ProviderWait wait;
    const u64 deadline = wait.deadline();
    test::advance_clock(longest + 1);
    for (const ExportedSymbol& symbol : symbols) {
        const auto found = kernel.registry.find_symbol(symbol.name, symbol.hash, wait, report);
        ASSERT_FALSE(found);
        EXPECT_EQ(found.error(), Errno::busy);
    }
    EXPECT_EQ(wait.deadline(), deadline);
    kernel.registry.withdraw(*provider);
    kernel.registry.forget(*provider);
}

TEST_F(Load, Dependencies)
{
    expect_failure("user", "", Errno::noent, "unknown symbol classic_answer");
    ASSERT_TRUE(kernel.load("classic"));
    events();
    ASSERT_TRUE(kernel.load("user")) << kernel.reason();
    EXPECT_THAT(events(), ElementsAre("user: right answer"));
    EXPECT_EQ(kernel.registry.find("classic")->references(), 1u);
    EXPECT_EQ(kernel.unload("classic").error(), Errno::again);
    EXPECT_TRUE(kernel.unload("user"));
    EXPECT_TRUE(kernel.unload("classic"));
}

TEST_F(Load, EveryUnknownSymbolIsNamedAndAWeakOneIsNotNeeded)
{
    expect_failure("missing", "", Errno::noent, "no_such_function");
    EXPECT_THAT(kernel.reason(), HasSubstr("no_such_variable"));
    EXPECT_EQ(kernel.reason().find("optional_function"), std::string::npos);
}

TEST_F(Load, RefusesWhatIsThereAlready)
{
    ASSERT_TRUE(kernel.load("classic"));
    expect_failure("classic", "", Errno::exist, "already loaded");
    expect_failure("duplicate", "", Errno::noexec, "exports duplicate symbol classic_answer (owned by classic)");
    EXPECT_TRUE(kernel.unload("classic"));
    EXPECT_TRUE(kernel.load("duplicate"));
}

TEST_F(Load, RemovalErrors)
{
    EXPECT_EQ(kernel.unload("nothing").error(), Errno::noent);
    ASSERT_TRUE(kernel.load("no_exit"));
    EXPECT_EQ(kernel.unload("no_exit").error(), Errno::busy);
    ASSERT_TRUE(kernel.load("classic"));
    const auto module = kernel.registry.find("classic");
    ASSERT_TRUE(module->try_get());
    EXPECT_EQ(kernel.unload("classic").error(), Errno::again);
    module->put();
    EXPECT_TRUE(kernel.unload("classic"));
    EXPECT_FALSE(module->try_get()) << "no reference after removal";
}

TEST_F(Load, AReferenceTooManyGivenBackKeepsTheModule)
{
    ASSERT_TRUE(kernel.load("classic"));
    kernel.registry.find("classic")->put();
    EXPECT_EQ(kernel.unload("classic").error(), Errno::again);
}

TEST_F(Load, DataIsConstantAfterInit)
{
    ASSERT_TRUE(kernel.load("no_exit")) << kernel.reason();
    const auto module = kernel.registry.find("no_exit");
    const auto& block = module->image.block(modlink::Region::ro_after_init);
    ASSERT_TRUE(block);
    EXPECT_TRUE(block->bytes.empty());
    EXPECT_EQ(*reinterpret_cast<const int*>(block->place), 7);
}

TEST_F(Load, GplOnlySymbolsAreForGplModules)
{
    ASSERT_TRUE(kernel.load("no_exit"));
    expect_failure("proprietary", "", Errno::noent, "unknown symbol chosen_value");
    EXPECT_EQ(kernel.registry.find("no_exit")->references(), 0u);
    EXPECT_TRUE(kernel.load("gpl")) << kernel.reason();
}

TEST_F(Load, FunctionsAreFoundByAddress)
{
    ASSERT_TRUE(kernel.load("classic"));
    const u64 address = kernel.find_symbol("classic_answer");
    const auto symbol = kernel.registry.find_address(address + 1);
    ASSERT_TRUE(symbol);
    EXPECT_EQ(symbol->module, "classic");
    EXPECT_EQ(symbol->position.function, "classic_answer");
    EXPECT_EQ(symbol->position.offset, 1u);
    EXPECT_FALSE(kernel.registry.find_address(1));
}

TEST_F(Load, AnyAllocationMayFail)
{
    ASSERT_TRUE(kernel.load("classic"));
    for (const char* name : {"user", "objects", "no_exit"})
        for (unsigned count = 1;; ++count) {
            test::FailingNew failing(count);
            const auto result = kernel.load(name);
            if (!failing.has_failed()) {
                ASSERT_TRUE(result) << name << ": " << kernel.reason();
                break;
            }
            ASSERT_FALSE(result) << name << ": allocation " << count;
            EXPECT_EQ(result.error(), Errno::nomem) << name << ": allocation " << count;
            EXPECT_FALSE(kernel.registry.find(name));
        }
}

TEST_F(Load, AnyMemoryOperationMayFail)
{
    for (unsigned count = 1;; ++count) {
        kernel.platform.memory().fail_at(count);
        const auto result = kernel.load("no_exit");
        if (result) {
            EXPECT_GT(count, 5u);
            break;
        }
        EXPECT_EQ(result.error(), Errno::nomem) << count;
        EXPECT_EQ(kernel.platform.memory().live_blocks(), 0u) << count;
    }
}

TEST_F(Load, TruncatedAtEveryLength)
{
    usize size = 0;
    const auto file = test::read_file(test::fixture_path("objects"), size);
    const auto bytes = std::as_bytes(std::span(file)).first(size);
    for (usize length = 0; length < size; length += 7) {
        const auto result = kernel.load_bytes(bytes.first(length));
        ASSERT_FALSE(result) << length;
        EXPECT_EQ(result.error(), Errno::noexec) << length << ": " << kernel.reason();
    }
    EXPECT_EQ(kernel.platform.memory().live_blocks(), 0u);
}

TEST_F(Load, OneOfManyAtOnceWins)
{
    std::atomic<int> won = 0;
    std::vector<std::thread> threads;
    for (int index = 0; index < 8; ++index)
        threads.emplace_back([&] {
            usize size = 0;
            const auto file = test::read_file(test::fixture_path("objects"), size);
            elf::MemorySource source(std::as_bytes(std::span(file)).first(size));
            modload::Report report;
            const auto result = modload::load(kernel.environment, {.source = source, .arguments = ""}, report);
            won += result.has_value() ? 1 : 0;
            if (!result) {
                EXPECT_EQ(result.error(), Errno::exist) << report.view();
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(won, 1);
}

}  // namespace
}  // namespace tenon
