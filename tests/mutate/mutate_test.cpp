#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/wait.h>

#include <gtest/gtest.h>

#include "tests/mutate/copy.h"
#include "tests/mutate/equivalents.h"

// The mutation tool itself: which mutants it sees in a text, and that a whole campaign over a small sample counts exactly what is there.

namespace tenon::mutate {
namespace {

std::vector<std::string> mutants_of(std::string_view text)
{
    const std::vector<Token> tokens = tokenize(text);
    u32 number = 1;
    std::vector<std::string> names;
    for (const Point& point : find_points(tokens, number))
        for (usize index = 0; index < point.to.size(); ++index)
            names.push_back(describe(text, tokens, point, index));
    return names;
}

using Names = std::vector<std::string>;

TEST(Points, OperatorsBetweenOperandsAlone)
{
    EXPECT_EQ(mutants_of("bool f(A<B>& a, const B* b, A&& c) { return a.x < b->y; }"),
              (Names{"bool f(A<B>& a, const B* b, A&& c) { return a.x {< -> <=} b->y; }",
                     "bool f(A<B>& a, const B* b, A&& c) { return a.x {< -> >=} b->y; }"}));
    EXPECT_EQ(mutants_of("// a < b\n#if 1 < 2\n#endif\n"), Names{});
}

TEST(Points, ConstantsAndTheirBits)
{
    EXPECT_EQ(mutants_of("u32 f() { return x & 0x14u; }"),
              (Names{"u32 f() { return x {& -> |} 0x14u; }", "u32 f() { return x & {0x14u -> 0x15u}; }", "u32 f() { return x & {0x14u -> 0x13u}; }",
                     "u32 f() { return x & {0x14u -> 0x4u}; }", "u32 f() { return x & {0x14u -> 0x10u}; }", "u32 f() { return x & {0x14u -> 0x34u}; }"}));
    EXPECT_EQ(mutants_of("virtual void f() const = 0;"), Names{});
    EXPECT_EQ(mutants_of("constexpr u32 size = 24;"), Names{"constexpr u32 size = {24 -> 25};"});
}

// What the compiler alone evaluates is changed once; a constexpr function runs, too, and is changed in every way.
TEST(Points, ConstantsOfTables)
{
    EXPECT_EQ(mutants_of("constexpr auto rows = [] { return to_array({{8, x}}); }();"),
              Names{"constexpr auto rows = [] { return to_array({{{8 -> 9}, x}}); }();"});
    EXPECT_EQ(mutants_of("constexpr u8 f() { return Row{8}; }"),
              (Names{"constexpr u8 f() { return Row{{8 -> 9}}; }", "constexpr u8 f() { return Row{{8 -> 7}}; }"}));
    EXPECT_EQ(mutants_of("constexpr u8 f() { return [] { return 8; }(); }").size(), 2u);
    EXPECT_EQ(mutants_of("u8 f() { constexpr u8 code[2] = {8, 9}; return code[a]; }").size(), 3u);
    EXPECT_EQ(mutants_of("u8 f() { switch (a) { case 8: return 9; } static_assert(b); return 7; }").size(), 5u);
    EXPECT_EQ(mutants_of("u8 f() { if constexpr (b[8]) return 9; }").size(), 4u) << "with the condition turned round";
    EXPECT_EQ(mutants_of("u8 f() { if constexpr (b[8]) { return 9; } }").size(), 4u);
}

TEST(Points, ConditionsAndStatements)
{
    EXPECT_EQ(mutants_of("void f() { if (ready) start(); }"),
              (Names{"void f() { if ({(turned round)} ready) start(); }", "void f() { if (ready) {(left out)} start(); }"}));
    EXPECT_EQ(mutants_of("void f() { const u32 a = g(); u32 b(a); Result<> c = h(); }"), Names{});
    EXPECT_EQ(mutants_of("bool f() { return a && !b; }"), (Names{"bool f() { return a {&& -> ||} !b; }", "bool f() { return {(turned round)} a && !b; }",
                                                                 "bool f() { return a && {! (left out)}b; }"}));
}

TEST(Points, CopiesKeepTheirLines)
{
    const std::string_view text = "u32 f()\n{\n    return a + 1 < b &&\n           c;\n}\n";
    const std::vector<Token> tokens = tokenize(text);
    u32 number = 1;
    const std::vector<Point> points = find_points(tokens, number);
    const std::string copy = switchable_copy(text, tokens, points);
    EXPECT_EQ(std::count(copy.begin(), copy.end(), '\n'), 5);
    EXPECT_NE(copy.find("pick<"), std::string::npos);
    EXPECT_EQ(number, points.back().number + points.back().to.size());
}

TEST(EquivalentsList, WantsReasons)
{
    EXPECT_THROW(Equivalents("a.cpp: x {< -> <=} y\n"), std::runtime_error);
    EXPECT_THROW(Equivalents("a.cpp: x {< -> <=} y\n    why\na.cpp: x {< -> <=} y\n    why\n"), std::runtime_error);
}

class SampleCampaign : public testing::Test {
protected:
    struct Finished {
        int status;
        std::string output;
    };

    // With the tests that are complete, or lack one.
    Finished run(const std::string& judge, const std::string& equivalents, const std::string& compile = variable("MUTATE_COMPILE"))
    {
        const std::string folder = build() + "/mutate/sample";
        std::ofstream(folder + "/equivalents") << equivalents;
        const std::string command = build() + "/mutate/mutate run tree=" + folder + "/tree folder=" + folder + " judge=" + folder + "/" + judge +
                                    " objects=" + folder + "/" + judge + ".list compile='" + compile + "' link='" +
                                    variable("MUTATE_LINK") + "' equivalents=" + folder + "/equivalents tests/mutate/sample/sample.cpp 2>&1";
        std::FILE* const pipe = popen(command.c_str(), "r");
        Finished finished{-1, {}};
        char buffer[4096];
        for (usize count; pipe != nullptr && (count = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;)
            finished.output.append(buffer, count);
        const int status = pclose(pipe);
        finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return finished;
    }

    static std::string variable(const char* name)
    {
        const char* const value = std::getenv(name);
        return value != nullptr ? value : "";
    }

    static std::string build() { return variable("TENON_BUILD").empty() ? "build" : variable("TENON_BUILD"); }
};

constexpr const char* explained = "tests/mutate/sample/sample.cpp: return {true -> false};\n    Nobody cares.\n";

TEST_F(SampleCampaign, CompleteTestsKillAll)
{
    const Finished finished = run("complete", "");
    EXPECT_EQ(finished.status, 0) << finished.output;
    EXPECT_NE(finished.output.find("sample.cpp             16       16        0          0        0\n"), std::string::npos) << finished.output;
}

TEST_F(SampleCampaign, AMissingTestIsNamed)
{
    const Finished finished = run("lacking", "");
    EXPECT_EQ(finished.status, 1) << finished.output;
    EXPECT_NE(finished.output.find("sample.cpp             16       15        0          0        1\n"), std::string::npos) << finished.output;
    EXPECT_NE(finished.output.find("sample.cpp:25: return {true -> false};\n"), std::string::npos) << finished.output;
}

// What cannot be compiled without a change says nothing about the change.
TEST_F(SampleCampaign, ACompilerThatFailsKillsNothing)
{
    const Finished finished = run("complete", "", "false");
    EXPECT_EQ(finished.status, 2);
    EXPECT_NE(finished.output.find("without a mutant"), std::string::npos) << finished.output;
}

TEST_F(SampleCampaign, SurvivorsMayBeExplainedAndOthersMayNot)
{
    EXPECT_EQ(run("lacking", explained).status, 0);
    const Finished killed = run("complete", explained);
    EXPECT_EQ(killed.status, 1);
    EXPECT_NE(killed.output.find("equivalents: a test kills it: "), std::string::npos) << killed.output;
    const Finished unknown = run("complete", "tests/mutate/sample/sample.cpp: no such line\n    Nobody cares.\n");
    EXPECT_EQ(unknown.status, 1);
    EXPECT_NE(unknown.output.find("equivalents: no such mutant: "), std::string::npos) << unknown.output;
}

}  // namespace
}  // namespace tenon::mutate
