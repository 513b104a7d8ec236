#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

#include "tools/lib/failure.h"
#include "tools/lib/json.h"
#include "tools/lib/module_command.h"
#include "tools/lib/symbol_text.h"
#include "tools/lib/words.h"

namespace tenon::tools {
namespace {

std::string json_of(const std::function<void(JsonWriter&)>& write)
{
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* stream = open_memstream(&text, &size);
    JsonWriter json(stream);
    write(json);
    std::fclose(stream);
    std::string result(text, size);
    std::free(text);
    return result;
}

TEST(Words, AreCutAtSeparators)
{
    EXPECT_EQ(split("  a b\tc ", " \t"), (std::vector<std::string_view>{"a", "b", "c"}));
    EXPECT_TRUE(split("  ", " ").empty());
    std::string_view rest = " one  two";
    EXPECT_EQ(take_word(rest, " "), "one");
    EXPECT_EQ(rest, " two");
    EXPECT_EQ(take_word(rest, " "), "two");
    EXPECT_EQ(take_word(rest, " "), "");
}

TEST(Words, NumbersAreWhole)
{
    EXPECT_EQ(parse_number<int>("42"), 42);
    EXPECT_EQ(parse_number<unsigned>("ff", 16), 255U);
    EXPECT_FALSE(parse_number<int>("4x"));
    EXPECT_FALSE(parse_number<int>(""));
    EXPECT_FALSE(parse_number<int>("99999999999"));
}

TEST(Json, Nests)
{
    EXPECT_EQ(json_of([](JsonWriter& json) {
                  json.begin_object();
                  json.member("a", i64{-1});
                  json.array("b", std::vector<std::string>{"x", "y"});
                  json.key("c");
                  json.begin_array();
                  json.end_array();
                  json.member("d", true);
                  json.end_object();
              }),
              "{\n  \"a\": -1,\n  \"b\": [\n    \"x\",\n    \"y\"\n  ],\n  \"c\": [],\n  \"d\": true\n}");
}

TEST(Json, EscapesAndReplaces)
{
    EXPECT_EQ(json_of([](JsonWriter& json) { json.value("a\"b\\c\n\t\x01 \xc3\xa9 \xff \xed\xa0\x80"); }),
              "\"a\\\"b\\\\c\\n\\u0009\\u0001 \xc3\xa9 \\ufffd \\ufffd\\ufffd\\ufffd\"");
}

TEST(Failure, NamesWhoExportsTheSymbol)
{
    const Providers providers([](const std::string& symbol) { return symbol == "crc16" ? "crc16_mod" : std::string(); });
    EXPECT_EQ(explained("unknown symbol crc16", providers),
              "unknown symbol crc16 (crc16 is exported by module crc16_mod)");
    EXPECT_EQ(explained("no memory", providers), "no memory");
}

TEST(Failure, CppSymbolsAreReadable)
{
    EXPECT_EQ(readable_symbol("_ZN5tenon5crc16Ev"), "tenon::crc16()");
    EXPECT_EQ(readable_symbol("_Zbroken"), "_Zbroken");
    EXPECT_EQ(readable_symbol("crc16"), "crc16");
}

TEST(ModuleCommand, OptionsTakeThePlaceOfTheVariable)
{
    EXPECT_EQ(expanded_command("a $CMDLINE_OPTS; b $CMDLINE_OPTS", "x=1"), "a x=1; b x=1");
    EXPECT_EQ(expanded_command("a $CMDLINE_OPTS", "$CMDLINE_OPTS"), "a '$CMDLINE_OPTS'");
    EXPECT_EQ(expanded_command("plain", "x"), "plain");
}

TEST(ModuleCommand, OptionsAreQuotedWhereTheShellWouldTakeThemApart)
{
    const auto quoted = [](const char* options) { return expanded_command("$CMDLINE_OPTS", options); };
    EXPECT_EQ(quoted("a=1,2 b=\"two words\"  c"), "a=1,2 b=\"two words\"  c");
    EXPECT_EQ(quoted("a=`x` b=\"$y z\" c;d"), "'a=`x`' 'b=$y z' 'c;d'");
    EXPECT_EQ(quoted("a=it's"), R"('a=it'\''s')");
    EXPECT_EQ(quoted("a=\"open end"), "'a=open end'");
}

TEST(ModuleCommand, RunsInAShellWithTheModulesName)
{
    EXPECT_EQ(run_module_command("install", "test \"$MODPROBE_MODULE\" = m && test $CMDLINE_OPTS = v", "m", "v"), Result<int>(0));
    EXPECT_EQ(run_module_command("install", "exit 3", "m", ""), Result<int>(3));
}

// An install command that calls modprobe for the same module again would never end.
TEST(ModuleCommand, DoesNotRunItself)
{
    setenv("MODPROBE_COMMAND_CHAIN", "install:other install:m", 1);
    testing::internal::CaptureStderr();
    EXPECT_EQ(run_module_command("install", "true", "m", "").error(), Errno::deadlk);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("install command of module m runs itself"), std::string::npos);
    EXPECT_EQ(run_module_command("remove", "true", "m", ""), Result<int>(0));
    unsetenv("MODPROBE_COMMAND_CHAIN");
}

}  // namespace
}  // namespace tenon::tools
