#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"
#include "tools/lib/catalog.h"
#include "tools/lib/index_writer.h"
#include "tools/lib/probe.h"

namespace tenon::tools {
namespace {

using Strings = std::vector<std::string>;

// A module folder with indexes made by hand, and a configuration.
class CatalogTest : public testing::Test {
protected:
    void write_index(const std::string& file, const std::vector<std::pair<std::string, std::string>>& pairs) const
    {
        IndexWriter writer;
        u32 number = 0;
        for (const auto& [key, value] : pairs)
            writer.add(key, value, number++);
        folder_.write("lib/modules/1.0/" + file, writer.build().value());
    }

    void SetUp() override
    {
        write_index("modules.dep.bin", {{"top", "k/top.ko: k/mid.ko k/low.ko"},
                                        {"mid", "k/mid.ko: k/low.ko"},
                                        {"low", "k/low.ko:"},
                                        {"soft", "k/soft.ko:"},
                                        {"late", "k/late.ko:"}});
        write_index("modules.alias.bin", {{"pci:v*d1", "top"}, {"pci:v5*", "mid"}});
        write_index("modules.symbols.bin", {{"symbol:low_call", "low"}});
        write_index("modules.builtin.bin", {{"inside", ""}});
        write_index("modules.builtin.alias.bin", {{"fs_inside", "inside"}});
    }

    Strings names(const std::string& name)
    {
        Strings result;
        const auto found = catalog_.lookup(name);
        if (!found)
            return {"error"};
        source_ = found->source;
        for (const Module* module : found->modules)
            result.push_back(module->name);
        return result;
    }

    Strings steps(const std::string& name)
    {
        Strings result;
        for (const Module* module : probe_list(catalog_, *catalog_.lookup(name)->modules.at(0), false))
            result.push_back(module->name);
        return result;
    }

    void configure(std::string_view text) { parse_config(config_, text, "test.conf"); }

    test::TemporaryFolder folder_;
    Config config_;
    ModuleDirectory directory_{folder_.path(), "1.0"};
    Catalog catalog_{directory_, config_};
    Source source_ = Source::nowhere;
};

TEST_F(CatalogTest, LooksInEveryPlaceInOrder)
{
    configure("alias mine low\nalias inside-* mid\ninstall run-me echo\n");
    EXPECT_EQ(names("mine"), Strings{"low"});
    EXPECT_EQ(source_, Source::config_alias);
    EXPECT_EQ(names("inside-x"), Strings{"mid"});
    EXPECT_EQ(names("top"), Strings{"top"});
    EXPECT_EQ(source_, Source::dependencies);
    EXPECT_EQ(names("symbol:low_call"), Strings{"low"});
    EXPECT_EQ(source_, Source::symbols);
    EXPECT_EQ(names("run-me"), Strings{"run_me"});
    EXPECT_EQ(source_, Source::commands);
    EXPECT_EQ(names("pci:v5d1"), (Strings{"top", "mid"}));
    EXPECT_EQ(source_, Source::module_aliases);
    EXPECT_EQ(names("inside"), Strings{"inside"});
    EXPECT_EQ(source_, Source::builtin);
    EXPECT_EQ(names("fs-inside"), Strings{"inside"});
    EXPECT_EQ(source_, Source::builtin_aliases);
    EXPECT_TRUE(names("nobody").empty());
    EXPECT_EQ(names("open[bracket"), Strings{"error"});
}

TEST_F(CatalogTest, DependenciesComeFirst)
{
    EXPECT_EQ(steps("top"), (Strings{"low", "mid", "top"}));
    EXPECT_EQ(catalog_.lookup("top")->modules[0]->path, folder_.path("lib/modules/1.0/k/top.ko"));
}

TEST_F(CatalogTest, SoftDependenciesStandAround)
{
    configure("softdep mid pre: soft post: late\n");
    EXPECT_EQ(steps("top"), (Strings{"low", "soft", "mid", "late", "top"}));
}

// kmod uses one softdep line for each module.
TEST_F(CatalogTest, SeveralSoftdepLinesCountAllTogether)
{
    configure("softdep low pre: soft\nsoftdep low pre: late\n");
    EXPECT_EQ(steps("low"), (Strings{"soft", "late", "low"}));
}

TEST_F(CatalogTest, SoftdepsInACircleEnd)
{
    configure("softdep low pre: soft\nsoftdep soft pre: low\nsoftdep late pre: late post: late\n");
    EXPECT_EQ(steps("low"), (Strings{"soft", "low"}));
    EXPECT_EQ(steps("late"), Strings{"late"});
}

// kmod drops the install command of a module that has soft dependencies, without a word.
TEST_F(CatalogTest, InstallCommandCountsBesideSoftdeps)
{
    configure("softdep low pre: soft\ninstall low echo instead\n");
    Strings lines;
    const auto report = [&](const Module& module, const ConfigCommand* command, const std::string&) {
        lines.push_back(command != nullptr ? command->command : module.name);
    };
    ProbeOptions options;
    options.dry_run = options.ignore_loaded = true;
    EXPECT_TRUE(probe_insert(catalog_, *catalog_.lookup("low")->modules[0], "", options, report));
    EXPECT_EQ(lines, (Strings{"soft", "echo instead"}));
}

// The blacklist is about aliases: a name, a dependency and a soft dependency are loaded; -b extends it to names.
TEST_F(CatalogTest, BlacklistCountsForAliases)
{
    configure("blacklist low\nblacklist top\n");
    Strings lines;
    const auto report = [&](const Module& module, const ConfigCommand*, const std::string&) { lines.push_back(module.name); };
    ProbeOptions options;
    options.dry_run = options.ignore_loaded = true;
    const auto insert = [&](const std::string& name) {
        lines.clear();
        const auto found = catalog_.lookup(name);
        for (Module* module : found->modules)
            EXPECT_TRUE(probe_insert(catalog_, *module, "", options, report));
        return lines;
    };
    EXPECT_EQ(insert("top"), (Strings{"low", "mid", "top"}));
    EXPECT_EQ(insert("pci:v6d1"), Strings{});
    options.apply_blacklist = true;
    EXPECT_EQ(insert("top"), Strings{});
    EXPECT_EQ(insert("mid"), (Strings{"low", "mid"}));
}

TEST_F(CatalogTest, OptionsBelongToNamesAndAliases)
{
    configure("options low a=1\noptions mine b=2\nalias mine low\noptions low c=3\n");
    EXPECT_EQ(catalog_.options(*catalog_.lookup("low")->modules[0]), "a=1 c=3");
    EXPECT_EQ(catalog_.options(*catalog_.lookup("mine")->modules[0]), "a=1 b=2 c=3");
}

TEST_F(CatalogTest, NamesWhoExportsASymbol)
{
    EXPECT_EQ(catalog_.directory().provider_of("low_call"), "low");
    EXPECT_EQ(catalog_.directory().provider_of("unknown"), "");
}

TEST_F(CatalogTest, FileMustBeAModule)
{
    folder_.write("x/top.ko", "");
    folder_.write("x/readme", "");
    EXPECT_EQ(catalog_.from_path(folder_.path("x/readme")).error(), Errno::noent);
    EXPECT_EQ(catalog_.from_path(folder_.path("x/missing.ko")).error(), Errno::noent);
    const auto module = catalog_.from_path(folder_.path("x/top.ko"));
    ASSERT_TRUE(module);
    EXPECT_EQ((*module)->path, folder_.path("x/top.ko"));
    EXPECT_EQ((*module)->needed.size(), 2U);
}

TEST_F(CatalogTest, LineOfModulesDepThatIsDamaged)
{
    write_index("modules.dep.bin", {{"self", "k/self.ko: k/self.ko"}, {"no_colon", "k/no_colon.ko"}, {"a", "a.ko: b.ko"}, {"b", "b.ko: a.ko"}});
    const ModuleDirectory directory(folder_.path(), "1.0");
    Catalog catalog(directory, config_);
    EXPECT_TRUE(catalog.lookup("self")->modules[0]->needed.empty());
    EXPECT_TRUE(catalog.lookup("no_colon")->modules.empty());
    EXPECT_EQ(probe_list(catalog, *catalog.lookup("a")->modules[0], false).size(), 2U);
}

}  // namespace
}  // namespace tenon::tools
