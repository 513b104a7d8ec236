#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/wait.h>

#include <gtest/gtest.h>

// Runs the programs that prove the linker: linked code that is executed, and a sample of the comparison with other linkers.

namespace {

std::string build()
{
    const char* const folder = std::getenv("TENON_BUILD");
    return folder != nullptr ? folder : "build";
}

std::string cross()
{
    const char* const prefix = std::getenv("TENON_CROSS");
    return prefix != nullptr ? prefix : "aarch64-linux-gnu-";
}

struct Finished {
    int status;
    std::string output;
};

Finished run(const std::string& command)
{
    Finished finished{-1, {}};
    std::FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr)
        return finished;
    char buffer[4096];
    for (std::size_t count; (count = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;)
        finished.output.append(buffer, count);
    const int status = pclose(pipe);
    finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return finished;
}

void expect_success(const std::string& command)
{
    const Finished finished = run(command);
    EXPECT_EQ(finished.status, 0) << command << "\n" << finished.output;
}

// The module `relocations` has types that the other linkers do not know; its functions are compared by themselves. `far_reference` is
// made to be refused.
bool is_comparable(const std::string& path)
{
    return path.find("/relocations") == std::string::npos && path.find("/far_reference") == std::string::npos;
}

std::string modules()
{
    std::string names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(build() + "/modules")) {
        const bool is_object = entry.path().extension() == ".ko" || entry.path().extension() == ".o";
        if (is_object && is_comparable(entry.path().string()))
            names += " " + entry.path().string();
    }
    return names;
}

std::string differential(const std::string& linker, const std::string& objects, const std::string& options = "")
{
    return build() + "/test/differential --folder " + build() + "/differential " + options + " '" + linker + "' " + objects;
}

std::string placement_name(const testing::TestParamInfo<const char*>& placement)
{
    return placement.param;
}

class X86Natively : public testing::TestWithParam<const char*> {};
class Arm64UnderQemu : public testing::TestWithParam<const char*> {};

TEST_P(X86Natively, EveryFunctionReturnsWhatItShould)
{
    expect_success(build() + "/exec/runner-x86 " + build() + "/exec/x86.o " + GetParam());
}

TEST_P(Arm64UnderQemu, EveryFunctionReturnsWhatItShould)
{
    expect_success("qemu-aarch64-static " + build() + "/exec/runner-arm64 " + build() + "/exec/arm64.o " + GetParam());
}

INSTANTIATE_TEST_SUITE_P(Execution, X86Natively, testing::Values("near", "far"), placement_name);
INSTANTIATE_TEST_SUITE_P(Execution, Arm64UnderQemu, testing::Values("near", "far", "erratum"), placement_name);

TEST(Differential, OurModulesAgainstGnuLd)
{
    ASSERT_NE(modules(), "");
    expect_success(differential(cross() + "ld", modules()));
}

TEST(Differential, OurModulesAgainstLld)
{
    expect_success(differential("ld.lld -m aarch64linux --no-relax", modules()));
}

// The functions of tests/exec, the start of the GOT included. lld agrees to the bit. GNU ld orders its GOT by a hash table, makes NOPs out of calls of
// undefined weak symbols, and on x86-64 immediates out of GOT entries: so many differences and no more.
void expect_equal(const std::string& linker, const std::string& object, const std::string& explained, const std::string& options = "")
{
    const Finished finished = run(differential(linker, build() + "/exec/" + object, options));
    EXPECT_EQ(finished.status, 0) << linker << "\n" << finished.output;
    EXPECT_NE(finished.output.find("explained: " + explained + ", 0 MOVN, 0 direct, 0 operand\n"), std::string::npos) << finished.output;
}

TEST(Differential, EveryRelocationKindOfAArch64)
{
    expect_equal(cross() + "ld", "arm64-ld.o", "1 GOT order, 0 immediate, 1 NOP");
    expect_equal("ld.lld -m aarch64linux --no-relax", "arm64-lld.o", "0 GOT order, 0 immediate, 0 NOP");
}

// Below 2 GiB for GNU ld, which makes zero-extended immediates of 32 bits where the register has so many.
TEST(Differential, EveryRelocationKindOfX86)
{
    expect_equal("ld", "x86.o", "0 GOT order, 4 immediate, 0 NOP", "--base 0x10000000");
    expect_equal("ld.lld", "x86.o", "0 GOT order, 0 immediate, 0 NOP");
}

TEST(Differential, PositionIndependentObjectsOfBothMachines)
{
    const std::string sample = "/batches/hosted/module/link.o ";
    expect_success(differential(cross() + "ld", build() + "/user-arm64" + sample));
    expect_success(differential("ld.lld -m aarch64linux --no-relax", build() + "/user-arm64" + sample));
    expect_success(differential("ld", build() + "/host" + sample));
    expect_success(differential("ld.lld", build() + "/host" + sample));
}

// Objects from seeds, as `make random-link` makes them by the thousand.
TEST(Differential, ASampleOfRandomObjects)
{
    expect_success(build() + "/test/random-link --folder " + build() + "/random-link --count 24");
}

// As somebody builds it who has the library and its header alone.
TEST(Modlink, ExampleOfTheDocumentationOutsideTheTree)
{
    namespace fs = std::filesystem;
    const fs::path folder = fs::absolute(build() + "/test/outside");
    fs::remove_all(folder);
    fs::create_directories(folder / "include");
    fs::copy("include/modlink", folder / "include/modlink", fs::copy_options::recursive);
    fs::copy("docs/examples/missing_symbols.cpp", folder);
    fs::copy(build() + "/libmodlink.a", folder);
    const std::string object = fs::absolute(build() + "/test/modlink/modules/arm64_missing.ko").string();
    expect_success("cd " + folder.string() + " && g++ -std=c++20 -Wall -Wextra -Werror -Iinclude missing_symbols.cpp libmodlink.a -o missing_symbols");
    const Finished finished = run("cd " + folder.string() + " && ./missing_symbols " + object);
    EXPECT_EQ(finished.status, 0);
    EXPECT_NE(finished.output.find("bytes of memory, 5 symbols missing\n"), std::string::npos) << finished.output;
    for (const char* const symbol : {"nobody", "nowhere", "far_object", "nothing", "never"})
        EXPECT_NE(finished.output.find(std::string("  needs ") + symbol + "\n"), std::string::npos) << symbol << "\n" << finished.output;
}

// The regions that stay hold neither texts nor names that only init uses: the image of a module, cut where init begins.
TEST(Modlink, WhatOnlyInitNeedsStandsInItsRegions)
{
    const std::string image = build() + "/test/start_heavy.image";
    const Finished linked = run(build() + "/tools/host/modlink link --kernel=" + build() + "/kernel/tenon.elf --at 0xffffffff84000000 -o " + image +
                                " " + build() + "/modules/kernel/test/start_heavy.ko");
    ASSERT_EQ(linked.status, 0) << linked.output;
    const std::size_t line = linked.output.find(" init_text");
    ASSERT_NE(line, std::string::npos) << linked.output;
    const std::size_t start = linked.output.rfind("0x", line);
    const std::size_t core_size = std::stoull(linked.output.substr(start, line - start), nullptr, 16) - 0xffffffff84000000;

    std::ifstream file(image, std::ios::binary);
    const std::string memory{std::istreambuf_iterator<char>(file), {}};
    const std::string core = memory.substr(0, core_size);
    EXPECT_NE(memory.find("text of the start"), std::string::npos);
    EXPECT_EQ(core.find("text of the start"), std::string::npos);
    EXPECT_NE(core.find("text of the end"), std::string::npos);
    EXPECT_NE(core.find("function_that_stays"), std::string::npos) << "names of functions are there for backtraces";
    EXPECT_EQ(memory.find("long_function_of_init"), std::string::npos);
}

// A comparison that cannot fail proves nothing: lld's own relaxations must be seen.
TEST(Differential, SeesADifference)
{
    const Finished finished = run(differential("ld.lld -m aarch64linux", build() + "/exec/arm64-lld.o"));
    EXPECT_EQ(finished.status, 1);
    EXPECT_NE(finished.output.find("here,"), std::string::npos) << finished.output;
}

}  // namespace
