#include <gtest/gtest.h>

#include "tools/lib/config.h"
#include "tools/lib/config_files.h"
#include "tools/lib/config_lines.h"
#include "tests/support/temporary_folder.h"

namespace tenon::tools {
namespace {

using Strings = std::vector<std::string>;

Config parsed(std::string_view text)
{
    Config config;
    parse_config(config, text, "test.conf");
    return config;
}

Config command_line(std::string_view text)
{
    Config config;
    parse_kernel_command_line(config, text);
    return config;
}

TEST(ConfigLines, JoinsAndSkips)
{
    ConfigLines lines("# comment\n\n  # indented comment\none \\\n two\nthree\\x\nlast");
    EXPECT_EQ(lines.next(), "one  two");
    EXPECT_EQ(lines.number(), 5U);
    EXPECT_EQ(lines.next(), "threex");
    EXPECT_EQ(lines.next(), "last");
    EXPECT_EQ(lines.number(), 7U);
    EXPECT_FALSE(lines.next());
}

TEST(ConfigLines, EndsInTheMiddleOfAnything)
{
    ConfigLines backslash("a\\");
    EXPECT_EQ(backslash.next(), "a\\");
    ConfigLines joined("a\\\n");
    EXPECT_EQ(joined.next(), "a");
    EXPECT_FALSE(joined.next());
}

TEST(Config, ReadsEveryCommand)
{
    const Config config = parsed("alias pci:v*-x[a-b] some-module\n"
                                 "blacklist bad-one\n"
                                 "options some-module a=1 b=\"x y\"\n"
                                 "install inst-* /bin/true $CMDLINE_OPTS\n"
                                 "remove rem /bin/false\n"
                                 "softdep some pre: a b post: c\n"
                                 "weakdep some d e\n");
    ASSERT_EQ(config.aliases.size(), 1U);
    EXPECT_EQ(config.aliases[0].pattern, "pci:v*_x[a-b]");
    EXPECT_EQ(config.aliases[0].module, "some_module");
    EXPECT_TRUE(config.is_blacklisted("bad_one"));
    EXPECT_EQ(config.options[0].text, "a=1 b=\"x y\"");
    EXPECT_EQ(config.options[0].origin.line, 3U);
    EXPECT_EQ(Config::command_for(config.install_commands, "inst_x")->command, "/bin/true $CMDLINE_OPTS");
    EXPECT_EQ(Config::command_for(config.install_commands, "other"), nullptr);
    EXPECT_EQ(Config::command_for(config.remove_commands, "rem")->command, "/bin/false");
    EXPECT_EQ(softdep_text(config.softdeps[0]), "pre: a b post: c");
    EXPECT_EQ(config.weakdeps[0].modules, (Strings{"d", "e"}));
}

TEST(Config, LeavesOutBadLines)
{
    testing::internal::CaptureStderr();
    const Config config = parsed("alias onlyone\nblacklist\noptions x\ninstall x\nfrobnicate y\ninclude /etc/other\nalias a[ b\n"
                                 "blacklist good\n");
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(config.aliases.empty());
    EXPECT_TRUE(config.options.empty());
    EXPECT_TRUE(config.install_commands.empty());
    EXPECT_TRUE(config.is_blacklisted("good"));
    EXPECT_NE(text.find("test.conf line 1: ignoring bad line starting with 'alias'"), std::string::npos);
    EXPECT_NE(text.find("test.conf line 5: ignoring bad line starting with 'frobnicate'"), std::string::npos);
    EXPECT_NE(text.find("test.conf: command include is deprecated and not parsed anymore"), std::string::npos);
}

// Long lists once overflowed the buffer in which they were joined.
TEST(Config, VeryLongSoftdep)
{
    std::string line = "softdep m pre:";
    for (int number = 0; number < 5000; ++number)
        line += " module_with_a_rather_long_name_" + std::to_string(number);
    const Config config = parsed(line + " post: " + std::string(100000, 'x'));
    EXPECT_EQ(config.softdeps[0].before.size(), 5000U);
    EXPECT_EQ(config.softdeps[0].after[0].size(), 100000U);
    EXPECT_GT(softdep_text(config.softdeps[0]).size(), 250000U);
}

TEST(KernelCommandLine, TakesModuleParameters)
{
    const Config config = command_line("quiet snd-hda.model=generic root=/dev/sda1 x=1.5 usbcore.autosuspend=-1\n");
    ASSERT_EQ(config.options.size(), 2U);
    EXPECT_EQ(config.options[0].module, "snd_hda");
    EXPECT_EQ(config.options[0].text, "model=generic");
    EXPECT_EQ(config.options[1].text, "autosuspend=-1");
}

TEST(KernelCommandLine, TakesFlags)
{
    const Config config = command_line("snd.debug");
    ASSERT_EQ(config.options.size(), 1U);
    EXPECT_EQ(config.options[0].text, "debug");
}

TEST(KernelCommandLine, TakesBlacklists)
{
    const Config config = command_line("modprobe.blacklist=a-b,c modprobe.blacklist=d modprobe.blacklist=\"e,,f\"");
    for (const char* name : {"a_b", "c", "d", "e", "f"})
        EXPECT_TRUE(config.is_blacklisted(name)) << name;
    EXPECT_TRUE(config.options.empty());
}

TEST(KernelCommandLine, QuotesHoldWordsTogether)
{
    const Config config = command_line("m.a=\"one m.b=two\" \"n.p=x y\" o.p=1");
    ASSERT_EQ(config.options.size(), 3U);
    EXPECT_EQ(config.options[0].text, "a=\"one m.b=two\"");
    EXPECT_EQ(config.options[1].module, "n");
    EXPECT_EQ(config.options[1].text, "p=\"x y\"");
    EXPECT_EQ(config.options[2].module, "o");
}

TEST(KernelCommandLine, IgnoresWhatIsNoParameter)
{
    for (const char* text : {"", "\"", "a.", ".b=1", "a.b.c", "a..b=1", "\"a.b\"", "=a.b=1", "\"a\".b=1 \"", "a.b=\"open", "-- a"})
        EXPECT_TRUE(command_line(text).options.empty()) << text;
}

TEST(ConfigFiles, EarlierFoldersHideLaterOnesAndNamesAreSorted)
{
    const test::TemporaryFolder folder;
    folder.write("etc/b.conf", "etc b");
    folder.write("lib/b.conf", "lib b");
    folder.write("lib/a.conf", "lib a");
    folder.write("lib/no-extension", "x");
    folder.write("lib/.hidden.conf", "x");
    folder.write("single", "single file");
    const Strings paths{folder.path("etc"), folder.path("lib"), folder.path("single"), folder.path("missing")};
    const auto files = read_config_files(paths);
    ASSERT_EQ(files.size(), 3U);
    EXPECT_EQ(files[0].text, "lib a");
    EXPECT_EQ(files[1].text, "etc b");
    EXPECT_EQ(files[2].text, "single file");
}

}  // namespace
}  // namespace tenon::tools
