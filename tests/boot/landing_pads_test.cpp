#include <sstream>
#include <string>

#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// A processor that holds indirect branches to landing pads.
class LandingPads : public testing::Test {
protected:
    static MachineOptions guarded_machine(const char* append = "") { return direct_boot({"--cpu", "max", "--append", append}); }

    // The address of the first line of /proc/kallsyms that the awk pattern fits.
    static unsigned long long address_of(Machine& machine, const std::string& pattern)
    {
        const std::string address = machine.output_of("awk '" + pattern + " { print $1; exit }' /proc/kallsyms");
        return std::stoull(address, nullptr, 16);
    }

    static std::string hexadecimal(unsigned long long address)
    {
        std::ostringstream text;
        text << std::hex << std::showbase << address;
        return text.str();
    }

    static std::string load_brancher(unsigned long long target)
    {
        return "insmod /tests/modules/brancher.ko target=" + hexadecimal(target);
    }

    // Behind the pad of the function that the pattern finds: the panic's first line, from the address on.
    static std::string reason_of_branch_into(Machine& machine, const std::string& pattern)
    {
        const unsigned long long target = address_of(machine, pattern) + 4;
        machine.send(load_brancher(target) + "\n");
        machine.expect("Kernel panic: branch target exception: indirect call to " + hexadecimal(target) + " (");
        return machine.expect(", which is no landing pad");
    }
};

TEST_F(LandingPads, BranchesIntoKernelFunctionsAreNamed)
{
    Machine machine(guarded_machine(), "LandingPads.Kernel");
    machine.wait_for_shell();
    EXPECT_EQ(machine.run(load_brancher(address_of(machine, "$3 == \"memmove\"")) + " && rmmod brancher").status, 0)
        << "a function may be called";
    const std::string reason = reason_of_branch_into(machine, "$3 == \"memmove\"");
    EXPECT_EQ(reason.find("memmove+0x4)"), 0u) << reason;
    machine.expect("call+");
    machine.expect(" of module brancher)");
    machine.wait_for_end();
}

// Out of reach of direct branches, so that veneers are held to the pads, too.
TEST_F(LandingPads, ModulesWithoutThemWorkAndWeakenNobody)
{
    Machine machine(guarded_machine("module_far=1"), "LandingPads.Modules");
    machine.wait_for_shell();
    machine.output_of("insmod /tests/modules/hello.ko && insmod /tests/modules/padless.ko && rmmod padless");
    machine.output_of("insmod /tests/modules/padless.ko");
    EXPECT_EQ(machine.output_of("cat /sys/module/padless/parameters/answer"), "42");
    EXPECT_EQ(machine.run(load_brancher(address_of(machine, "/\\[padless\\]/")) + " && rmmod brancher").status, 0)
        << "nothing guards the functions of a module without landing pads";
    const std::string reason = reason_of_branch_into(machine, "/\\[hello\\]/");
    EXPECT_NE(reason.find("+0x4 of module hello)"), std::string::npos) << reason;
    machine.wait_for_end();
}

}  // namespace
}  // namespace tenon::boot
