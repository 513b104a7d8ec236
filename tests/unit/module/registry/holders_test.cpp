#include "module/registry/module.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/host_modules.h"

namespace tenon {
namespace {

using test::HostKernel;

std::string holders_of(const modreg::Module& module, u32 most = 100)
{
    FixedText<4000> text;
    module.write_holders(text, "\n", most);
    return std::string(text.view());
}

TEST(Holders, AreNamedInTheOrderInWhichTheyCame)
{
    HostKernel kernel;
    ASSERT_TRUE(kernel.load("classic"));
    const auto module = kernel.registry.find("classic");
    EXPECT_EQ(holders_of(*module), "");
    {
        const auto mount = ModuleReference::get(module.get(), HolderKind::mount, "/dev/vda as ext2 by mount, pid 30");
        auto file = ModuleReference::get(module.get(), HolderKind::open_file, "/dev/classic by cat, pid 31");
        ASSERT_TRUE(mount && file);
        ASSERT_TRUE(module->try_get());
        EXPECT_EQ(holders_of(*module), "mount /dev/vda as ext2 by mount, pid 30\nopen-file /dev/classic by cat, pid 31\n1 more");
        EXPECT_EQ(holders_of(*module, 1), "mount /dev/vda as ext2 by mount, pid 30\n2 more");
        EXPECT_EQ(module->references(), 3u);
        EXPECT_EQ(kernel.unload("classic").error(), Errno::again);
        EXPECT_NE(kernel.reason().find("in use by mount /dev/vda as ext2 by mount, pid 30, open-file /dev/classic by cat, pid 31, 1 more"),
                  std::string::npos)
            << kernel.reason();
        const ModuleReference moved = std::move(*file);
        EXPECT_EQ(module->references(), 3u);
    }
    EXPECT_EQ(holders_of(*module), "1 references without a name");
    module->put();
    EXPECT_TRUE(kernel.unload("classic"));
    EXPECT_EQ(ModuleReference::get(module.get(), HolderKind::other, "late").error(), Errno::nodev);
}

// Who names a program or what is mounted cannot write lines of his own.
TEST(Holders, HaveALineEach)
{
    HostKernel kernel;
    ASSERT_TRUE(kernel.load("classic"));
    const auto module = kernel.registry.find("classic");
    const auto reference = ModuleReference::get(module.get(), HolderKind::open_file, "/dev/classic by a\nmodule b\x1b[2J\x7f");
    ASSERT_TRUE(reference);
    EXPECT_EQ(holders_of(*module), "open-file /dev/classic by a?module b?[2J?");
}

TEST(Holders, AreAllToldOnceHoweverMany)
{
    HostKernel kernel;
    ASSERT_TRUE(kernel.load("classic"));
    const auto module = kernel.registry.find("classic");
    std::vector<ModuleReference> references;
    std::string expected;
    for (int number = 0; number < 50; ++number) {
        auto reference = ModuleReference::get(module.get(), HolderKind::other, std::to_string(number));
        ASSERT_TRUE(reference);
        references.push_back(std::move(*reference));
        expected += (number == 0 ? "other " : "\nother ") + std::to_string(number);
    }
    EXPECT_EQ(holders_of(*module), expected);
}

}  // namespace
}  // namespace tenon
