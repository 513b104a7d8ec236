#include "kernel/proc/script_line.h"

#include <gtest/gtest.h>

namespace tenon {
namespace {

TEST(ScriptLine, NamesTheInterpreter)
{
    const auto line = ScriptLine::parse("#!/bin/sh\necho\n", true);
    ASSERT_TRUE(line);
    EXPECT_EQ(line->interpreter, "/bin/sh");
    EXPECT_EQ(line->argument, "");
}

TEST(ScriptLine, TakesTheRestOfTheLineAsOneArgument)
{
    const auto line = ScriptLine::parse("#! \t/usr/bin/awk  -f  x \r\n", true);
    ASSERT_TRUE(line);
    EXPECT_EQ(line->interpreter, "/usr/bin/awk");
    EXPECT_EQ(line->argument, "-f  x");
}

TEST(ScriptLine, NeedsNoNewlineAtTheEndOfTheFile)
{
    const auto line = ScriptLine::parse("#!/bin/sh", true);
    ASSERT_TRUE(line);
    EXPECT_EQ(line->interpreter, "/bin/sh");
}

TEST(ScriptLine, RefusesANameThatIsCutOff)
{
    EXPECT_FALSE(ScriptLine::parse("#!/a/very/long/na", false));
    EXPECT_TRUE(ScriptLine::parse("#!/bin/sh argument that is cut o", false));
}

TEST(ScriptLine, RefusesWhatIsNoScript)
{
    EXPECT_FALSE(ScriptLine::parse("", true));
    EXPECT_FALSE(ScriptLine::parse("#", true));
    EXPECT_FALSE(ScriptLine::parse("#!", true));
    EXPECT_FALSE(ScriptLine::parse("#!   \n/bin/sh", true));
    EXPECT_FALSE(ScriptLine::parse("\x7f"
                                   "ELF",
                                   true));
}

}  // namespace
}  // namespace tenon
