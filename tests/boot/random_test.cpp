#include <set>
#include <sstream>

#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

constexpr const char* auxiliary = "/tests/random_values auxiliary";
constexpr const char* device = "od -A n -t x1 -N 16 /dev/urandom";
constexpr const char* maps = "/stock/bin/cat /proc/self/maps";
constexpr const char* fixed_maps = "/tests/random_values fixed /stock/bin/cat /proc/self/maps";

class Random : public BootedSystem<Random> {
protected:
    static std::string as_user(const std::string& command) { return "/users/su user -c '" + command + "'"; }
    void randomise(int level) { output_of("echo " + std::to_string(level) + " > /proc/sys/kernel/randomize_va_space"); }
};

// Where a position-independent program stands, with its heap, loader and stack, as /proc/PID/maps says.
struct Places {
    unsigned long program = 0, program_end = 0, heap = 0, loader = 0, signal_page = 0, stack_end = 0;

    explicit Places(const std::string& text)
    {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            const auto has = [&](const char* name) { return line.find(name) != std::string::npos; };
            const unsigned long start = std::stoul(line, nullptr, 16), end = std::stoul(line.substr(line.find('-') + 1), nullptr, 16);
            if (has("/cat"))
                program_end = end;
            if (has("/cat") && program == 0)
                program = start;
            if (has("[heap]"))
                heap = start;
            if (has("ld-linux") && loader == 0)
                loader = start;
            if (has("[sigpage]"))
                signal_page = start;
            if (has("[stack]"))
                stack_end = end;
        }
    }
    bool are_known() const { return program != 0 && heap != 0 && loader != 0 && signal_page != 0 && stack_end != 0; }
    // Whether each has one of its own.
    bool differ_from(const Places& other) const
    {
        return program != other.program && heap != other.heap && loader != other.loader && signal_page != other.signal_page &&
               stack_end != other.stack_end;
    }
    auto operator<=>(const Places&) const = default;
};

// Nothing repeats, neither in one boot nor in the next.
TEST_F(Random, DiffersFromExecToExecAndFromBootToBoot)
{
    std::set<std::string> seen;
    const auto look = [&](Machine& machine) {
        for (const char* source : {auxiliary, auxiliary, device, device})
            EXPECT_TRUE(seen.insert(machine.output_of(source)).second) << "the same bytes twice from " << source;
    };
    look(machine());
    Machine second(direct_boot(), "Random.second");
    second.wait_for_shell();
    look(second);
    EXPECT_TRUE(Places(output_of(maps)).differ_from(Places(second.output_of(maps))));
}

TEST_F(Random, IsReadyWithTheSeedOfTheDeviceTree)
{
    EXPECT_EQ(output_of("/tests/random_values 0 1 2 3 4 5"), "16\n16\n16\n16\n16\n16");
    EXPECT_EQ(output_of("/tests/random_values 6 8"), "EINVAL\nEINVAL");
}

TEST_F(Random, PlacesOfProgramsDifferFromExecToExec)
{
    const Places first(output_of(maps)), second(output_of(maps));
    EXPECT_TRUE(first.are_known() && second.are_known()) << output_of(maps);
    EXPECT_TRUE(first.differ_from(second)) << output_of(maps);
    EXPECT_EQ(first.program % 0x10000, 0U) << "as the program's segments are aligned";
}

TEST_F(Random, PlacesRepeatWhereThisIsWanted)
{
    EXPECT_EQ(Places(output_of(fixed_maps)), Places(output_of(fixed_maps))) << "personality(2)";
    EXPECT_EQ(output_of("cat /proc/sys/kernel/randomize_va_space"), "2");
    randomise(1);
    const Places one(output_of(maps)), other(output_of(maps));
    EXPECT_TRUE(one.differ_from(other));
    EXPECT_EQ(one.heap - one.program_end, other.heap - other.program_end) << "all but the break";
    randomise(0);
    EXPECT_EQ(Places(output_of(maps)), Places(output_of(maps)));
    EXPECT_NE(output_of(auxiliary), output_of(auxiliary)) << "AT_RANDOM is no place";
    EXPECT_NE(run(as_user("echo 2 > /proc/sys/kernel/randomize_va_space")).status, 0);
    EXPECT_NE(run("echo 3 > /proc/sys/kernel/randomize_va_space").status, 0);
    randomise(2);
}

// Who starts a program with more rights than his own does not choose where it stands.
TEST_F(Random, ProgramsWithRightsAreNotHeldInPlace)
{
    output_of("cp /stock/bin/cat /tmp/cat; chmod 4755 /tmp/cat");
    const std::string with_rights = as_user("/tests/random_values fixed /tmp/cat /proc/self/maps");
    EXPECT_TRUE(Places(output_of(with_rights)).differ_from(Places(output_of(with_rights))));
    EXPECT_EQ(output_of(as_user("/tests/random_values fixed /tmp/cat /proc/self/personality")), "00000000");
    output_of("rm /tmp/cat");
}

// Without a seed nobody is given guessable bytes who did not ask for them.
TEST(RandomUnseeded, WaitsUntilItIsReady)
{
    Machine machine(direct_boot({"--extra", "-machine", "--extra", "dtb-randomness=off"}), "Random.unseeded");
    machine.wait_for_shell();
    EXPECT_EQ(machine.output_of("/tests/random_values 1 3 device 4 5"), "EAGAIN\nEAGAIN\nEAGAIN\n16\n16");
    EXPECT_EQ(machine.output_of("head -c 16 /dev/urandom | wc -c"), "16");
    EXPECT_EQ(machine.output_of("/tests/random_values 0 1 2"), "16\n16\n16") << "the first waits, the others need not";
    EXPECT_EQ(machine.output_of("head -c 16 /dev/random | wc -c"), "16");
}

}  // namespace
}  // namespace tenon::boot
