#include "tests/boot/driver/system.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

namespace tenon::boot {
namespace {

// tests/boot/programs/module_soak.cpp on machines of several kinds: a few seconds of it on one as part of the boot ring, all of them
// for as long as TENON_SOAK_SECONDS says (`make soak`).
struct Kind {
    const char* name;
    std::vector<std::string> machine;
};
void PrintTo(const Kind& kind, std::ostream* out)
{
    *out << kind.name;
}

std::optional<long> wanted_seconds()
{
    const char* const text = std::getenv("TENON_SOAK_SECONDS");
    return text == nullptr ? std::nullopt : std::optional(std::atol(text));
}

std::vector<Kind> kinds()
{
    std::vector<Kind> all{{"FourProcessors", {"--smp", "4", "--memory", "128"}},
                          {"FarWindow", {"--smp", "4", "--memory", "128", "--append", "module_far=1"}},
                          {"OneProcessor", {"--smp", "1", "--memory", "128"}},
                          {"EightProcessors", {"--smp", "8", "--memory", "128"}},
                          {"LittleMemory", {"--smp", "4", "--memory", "128"}},
                          {"CheckedPermissions", {"--smp", "4", "--memory", "128", "--append", "module_check"}}};
    if (!wanted_seconds())
        all.resize(1);
    return all;
}

class ModuleSoak : public testing::TestWithParam<Kind> {
protected:
    static constexpr long least_rounds = 3;

    // One run of the program, after which no module is left; the free memory in KiB then.
    long round(Machine& machine, long seconds)
    {
        const std::string seed = std::to_string(testing::UnitTest::GetInstance()->random_seed() + ++rounds_);
        const auto result = machine.run("/tests/module_soak " + std::to_string(seconds) + " " + seed, Seconds(seconds * 4 + 200));
        EXPECT_EQ(result.status, 0) << result.output;
        return settled_free_memory(machine);
    }

    // What a round loses makes every level lower than all before; what the heap keeps for a while does not.
    static bool came_back(const std::vector<long>& levels)
    {
        return levels.size() >= least_rounds && levels.back() >= *std::min_element(levels.begin(), levels.end() - 1);
    }

    long rounds_ = 0;
};

TEST_P(ModuleSoak, LeavesNothing)
{
    auto options = direct_boot(GetParam().machine);
    options.arguments.insert(options.arguments.end(), {"--disk", "build/test/disk.ext2"});
    Machine machine(options, std::string("ModuleSoak.") + GetParam().name);
    machine.wait_for_shell();
    const long total = wanted_seconds() ? *wanted_seconds() / static_cast<long>(kinds().size()) : 3;
    const long seconds = std::clamp(total / 4, 1L, 30L);
    std::vector<long> levels;
    while (!HasFailure() && levels.size() < 8 + static_cast<std::size_t>(total / seconds) &&
           (rounds_ * seconds < total || !came_back(levels)))
        levels.push_back(round(machine, seconds));
    EXPECT_TRUE(HasFailure() || came_back(levels)) << "free memory in KiB: " << testing::PrintToString(levels);
    machine.power_off();
    EXPECT_EQ(machine.log().find("Kernel panic"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ModuleSoak, testing::ValuesIn(kinds()), [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tenon::boot
