#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "tests/support/object_builder.h"
#include "tests/support/temporary_folder.h"
#include "tools/lib/depmod/module_reader.h"
#include "tools/lib/depmod/output_folder.h"
#include "tools/lib/depmod/tree_scan.h"
#include "tools/lib/file.h"

namespace tenon::tools {
namespace {

using Strings = std::vector<std::string>;

class DepmodFiles : public testing::Test {
protected:
    void SetUp() override
    {
        add_default_searches(config_, folder_.path());
        testing::internal::CaptureStderr();
    }
    void TearDown() override { testing::internal::GetCapturedStderr(); }

    // Those since the start or the last call.
    static std::string messages()
    {
        std::string text = testing::internal::GetCapturedStderr();
        testing::internal::CaptureStderr();
        return text;
    }

    std::vector<ModuleRecord> scan(std::string_view order = "")
    {
        TreeScan scan(folder_.path(), config_);
        EXPECT_TRUE(scan.scan());
        return scan.take(order);
    }

    Strings paths(std::string_view order = "")
    {
        Strings result;
        for (const ModuleRecord& record : scan(order))
            result.push_back(record.path);
        std::sort(result.begin(), result.end());
        return result;
    }

    Strings file_names() const
    {
        Strings result;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
            result.push_back(entry.path().filename());
        std::sort(result.begin(), result.end());
        return result;
    }

    FileDescriptor open_folder() const { return *open_file(folder_.path(), O_RDONLY | O_DIRECTORY); }

    test::TemporaryFolder folder_;
    DepmodConfig config_;
};

TEST_F(DepmodFiles, ScanTakesModulesOfAllForms)
{
    for (const char* name : {"kernel/a.ko", "kernel/b.ko.zst", "kernel/c.ko.xz", "kernel/d.ko.gz", "kernel/readme", "build/e.ko",
                             "source/f.ko", "kernel/.hidden.ko", "modules.order"})
        folder_.write(name, "");
    EXPECT_EQ(paths(), (Strings{"kernel/a.ko", "kernel/b.ko.zst", "kernel/c.ko.xz", "kernel/d.ko.gz"}));
}

// What is called .ko but is none: links to nowhere, in a circle, FIFOs and folders. The rest is found.
TEST_F(DepmodFiles, ScanBearsOddFiles)
{
    folder_.write("kernel/good.ko", "");
    folder_.write("kernel/folder.ko/inner.ko", "");
    ASSERT_EQ(symlink("good.ko", folder_.path("kernel/link.ko").c_str()), 0);
    ASSERT_EQ(symlink("nowhere", folder_.path("kernel/broken.ko").c_str()), 0);
    ASSERT_EQ(symlink("circle.ko", folder_.path("kernel/circle.ko").c_str()), 0);
    ASSERT_EQ(symlink("..", folder_.path("kernel/up").c_str()), 0);
    ASSERT_EQ(mkfifo(folder_.path("kernel/fifo.ko").c_str(), 0600), 0);
    const Strings found = paths();
    const auto has = [&](const std::string& name) {
        return std::any_of(found.begin(), found.end(), [&](const std::string& path) { return path.ends_with("/" + name); });
    };
    EXPECT_EQ(found.size(), 3U);
    for (const char* name : {"good.ko", "inner.ko", "link.ko"})
        EXPECT_TRUE(has(name)) << name;
}

TEST_F(DepmodFiles, LinksInCirclesAreFollowedOnce)
{
    folder_.write("kernel/one/a.ko", "");
    folder_.write("kernel/two/b.ko", "");
    for (const char* link : {"kernel/self", "kernel/again", "kernel/one/back"})
        ASSERT_EQ(symlink(".", folder_.path(link).c_str()), 0);
    ASSERT_EQ(symlink("../two", folder_.path("kernel/one/two").c_str()), 0);
    ASSERT_EQ(symlink("../one", folder_.path("kernel/two/one").c_str()), 0);
    ASSERT_EQ(symlink("../..", folder_.path("kernel/two/up").c_str()), 0);
    EXPECT_EQ(paths().size(), 2U);
    const std::string said = messages();
    for (const char* link : {"kernel/self", "kernel/again", "kernel/one/back", "kernel/two/up", "kernel/one/two/one"})
        EXPECT_NE(said.find(folder_.path(link) + " leads in a circle\n"), std::string::npos) << link;
}

TEST_F(DepmodFiles, NamesThatModulesDepCannotHoldAreLeftOut)
{
    for (const char* name : {"kernel/with blank.ko", "kernel/with\nline.ko", "kernel/a folder/x.ko", "kernel/\xc3\xbc.ko"})
        folder_.write(name, "");
    EXPECT_EQ(paths(), Strings{"kernel/\xc3\xbc.ko"});
    EXPECT_NE(messages().find("with blank.ko: its name holds a blank or a colon\n"), std::string::npos);
}

TEST_F(DepmodFiles, ScanBearsVeryLongPaths)
{
    std::string name;
    for (int depth = 0; depth < 15; ++depth)
        name += std::string(200, static_cast<char>('a' + depth)) + "/";
    folder_.write(name + "deep.ko", "");
    folder_.write("kernel/near.ko", "");
    EXPECT_EQ(paths().size(), 2U);
}

TEST_F(DepmodFiles, OneFileForEachNameByPriority)
{
    for (const char* name : {"kernel/x-y.ko", "updates/x_y.ko", "kernel/z.ko.zst"})
        folder_.write(name, "");
    EXPECT_EQ(paths(), (Strings{"kernel/z.ko.zst", "updates/x_y.ko"}));
    config_.overrides.push_back(folder_.path("kernel/x_y"));
    EXPECT_EQ(paths(), (Strings{"kernel/x-y.ko", "kernel/z.ko.zst"}));
}

TEST_F(DepmodFiles, OrderFileDecidesWhateverTheCompression)
{
    for (const char* name : {"kernel/a.ko.zst", "kernel/b.ko", "kernel/c.ko"})
        folder_.write(name, "");
    const auto records = scan("kernel/c.ko\nkernel/gone.ko\nkernel/a.ko\n");
    ASSERT_EQ(records.size(), 3U);
    EXPECT_EQ(records[0].name, "c");
    EXPECT_EQ(records[1].name, "a");
    EXPECT_EQ(records[2].name, "b");
}

TEST_F(DepmodFiles, ReaderPassesOverWhatIsNoModule)
{
    test::ObjectBuilder builder;
    const std::string modinfo("alias=one\0softdep=pre: x\0", 25);
    const auto bytes = std::as_bytes(std::span(modinfo));
    builder.section({.name = ".modinfo", .alignment = 1}, bytes);
    builder.symbol({.name = "needed"});
    const auto image = builder.build();
    const std::string module(reinterpret_cast<const char*>(image.data()), image.size());
    folder_.write("kernel/good.ko", module);
    folder_.write("kernel/cut.ko", module.substr(0, module.size() / 2));
    folder_.write("kernel/empty.ko", "");
    folder_.write("kernel/broken.ko.zst", "\x28\xb5\x2f\xfd broken");
    auto records = scan();
    ASSERT_EQ(records.size(), 4U);
    const auto folder = open_folder();
    ModuleReader reader;
    reader.read(records, folder.get(), {.threads = 3}, [](std::size_t) {});
    for (const ModuleRecord& record : records) {
        const bool good = record.name == "good";
        EXPECT_EQ(record.aliases.size(), good ? 1U : 0U) << record.name;
        EXPECT_EQ(record.softdeps.size(), good ? 1U : 0U);
        EXPECT_EQ(record.needs.size(), good ? 1U : 0U);
    }
}

TEST_F(DepmodFiles, OutputReplacesAllFiles)
{
    folder_.write("one", "old");
    const auto folder = open_folder();
    EXPECT_TRUE(write_files(folder.get(), {{"one", "1"}, {"two", "2"}}));
    EXPECT_EQ(folder_.read("one"), "1");
    EXPECT_EQ(folder_.read("two"), "2");
    EXPECT_EQ(file_names(), (Strings{"one", "two"}));
}

// A full disk, played by a limit on the size of files: the old ones stay and nothing else.
TEST_F(DepmodFiles, FullDiskLeavesTheOldFiles)
{
    folder_.write("one", "old");
    const auto folder = open_folder();
    rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 1000;
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    const auto result = write_files(folder.get(), {{"one", "new"}, {"two", std::string(5000, 'x')}});
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old_handler);
    EXPECT_FALSE(result);
    EXPECT_EQ(folder_.read("one"), "old");
    EXPECT_EQ(file_names(), Strings{"one"});
}

// Two runs at once: whichever comes last wins, each file is whole.
TEST_F(DepmodFiles, RunsAtTheSameTimeLeaveWholeFiles)
{
    const auto run = [&](char mark) {
        const auto folder = open_folder();
        for (int round = 0; round < 50; ++round)
            write_files(folder.get(), {{"one", std::string(100000, mark)}});
    };
    {
        const std::jthread other(run, 'a');
        run('b');
    }
    const std::string text = folder_.read("one");
    EXPECT_EQ(text.size(), 100000U);
    EXPECT_EQ(text.find_first_not_of(text.front()), std::string::npos);
    EXPECT_EQ(file_names(), Strings{"one"});
}

TEST_F(DepmodFiles, OutputFolderIsMadeWithItsParents)
{
    const auto folder = open_output_folder(folder_.path("a/b/c"));
    ASSERT_TRUE(folder);
    close(*folder);
    EXPECT_TRUE(std::filesystem::is_directory(folder_.path("a/b/c")));
    folder_.write("file", "");
    EXPECT_FALSE(open_output_folder(folder_.path("file/x")));
}

}  // namespace
}  // namespace tenon::tools
