#include "tests/boot/driver/system.h"
#include "tests/exec/cases.h"

namespace tenon::boot {
namespace {

// Every relocation type executed on the booted kernel, with the kernel in reach of a direct branch and out of it.
class Relocations : public testing::TestWithParam<const char*> {};

// Where the kernel says that one of its functions is.
std::string kernel_address(Machine& machine, std::string_view name)
{
    return "0x" + machine.output_of("sed -n 's/ [Tt] " + std::string(name) + "$//p' /proc/kallsyms");
}

TEST_P(Relocations, EveryFunctionReturnsWhatItShould)
{
    Machine machine(direct_boot({"--append", GetParam()}), std::string("Relocations.") + (*GetParam() == '\0' ? "near" : "far"));
    machine.wait_for_shell();
    const std::string load = "insmod /tests/modules/relocations.ko outside=" + kernel_address(machine, "memcpy") +
                             " function=" + kernel_address(machine, "strlen");
    EXPECT_EQ(machine.run(load).status, 0) << machine.run("dmesg | tail").output;
    const std::string log = machine.output_of("dmesg | grep relocations:");
    unsigned functions = 0;
    for (const test::ExecCase& tested : test::arm64_suite().cases) {
        if (tested.where == test::Where::programs)
            continue;
        ++functions;
        const std::string line = "relocations: " + std::string(tested.name) + " (" + std::string(tested.types) + "): returned ";
        const auto start = log.find(line);
        ASSERT_NE(start, log.npos) << "no line for " << tested.name;
        EXPECT_NE(log.substr(start, log.find('\n', start) - start).find(", as it should"), log.npos) << log.substr(start, 200);
    }
    EXPECT_NE(log.find(std::to_string(functions) + " functions run, 0 failed"), log.npos);
    machine.power_off();
}

INSTANTIATE_TEST_SUITE_P(Both, Relocations, testing::Values("", "module_far=1"),
                         [](const auto& tested) { return *tested.param == '\0' ? "near" : "far"; });

}  // namespace
}  // namespace tenon::boot
