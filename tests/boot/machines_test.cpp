#include <algorithm>
#include <memory>

#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// The kernel comes up, counts its CPUs and its memory, and loads a module, on every kind of machine.
struct Kind {
    const char* cpu;
    int processors;
    int mebibytes;
    bool with_el2 = false;
};

class Machines : public testing::TestWithParam<Kind> {};

TEST_P(Machines, BootAndLoadAModule)
{
    const auto& kind = GetParam();
    auto options = direct_boot({"--cpu", kind.cpu, "--smp", std::to_string(kind.processors), "--memory", std::to_string(kind.mebibytes)});
    if (kind.with_el2)
        for (const char* word : {"--extra", "-machine", "--extra", "virtualization=on"})
            options.arguments.push_back(word);
    Machine machine(options, std::string("Machines.") + kind.cpu + "." + std::to_string(kind.processors) + "." +
                                 std::to_string(kind.mebibytes) + (kind.with_el2 ? ".el2" : ""));
    machine.wait_for_shell();
    EXPECT_EQ(machine.output_of("grep -c ^processor /proc/cpuinfo"), std::to_string(kind.processors));
    const long total = meminfo(machine, "MemTotal");
    EXPECT_GT(total, (kind.mebibytes - 24) * 1024L * 15 / 16);
    EXPECT_LE(total, kind.mebibytes * 1024L);
    machine.output_of("insmod /tests/modules/hello.ko && rmmod hello");
    machine.output_of("insmod /tests/modules/walls.ko && rmmod walls");
    if (kind.cpu == std::string_view("max")) {
        const std::string closed = "walls: \\(E0PD1 of TCR_EL1\\|PSTATE.PAN\\|PMUSERENR_EL0\\): on 4 CPUs, open on 0";
        EXPECT_EQ(machine.output_of("dmesg | grep -c '" + closed + "'"), "3");
    }
    machine.power_off();
}

INSTANTIATE_TEST_SUITE_P(Matrix, Machines,
                         testing::Values(Kind{"cortex-a53", 1, 128}, Kind{"cortex-a57", 8, 256},
                                         Kind{"cortex-a72", 2, 4096}, Kind{"max", 4, 1024},
                                         Kind{"cortex-a57", 4, 512, true}),
                         [](const auto& tested) {
                             std::string name = std::string(tested.param.cpu) + "_" +
                                                std::to_string(tested.param.processors) + "_" +
                                                std::to_string(tested.param.mebibytes);
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name + (tested.param.with_el2 ? "_el2" : "");
                         });

// What concerns EL1 and EL0 and a loader has left set at EL2 neither traps nor lies, and programs have no event counters.
TEST(CarelessLoader, LeavesNothingBehind)
{
    Machine machine(direct_boot({"--kernel", kernel_build("test/careless.img"), "--extra", "-machine", "--extra", "virtualization=on"}), "CarelessLoader");
    machine.wait_for_shell();
    EXPECT_EQ(machine.output_of("sed -n 's/^CPU part.*: //p' /proc/cpuinfo | uniq"), is_newest_cpu() ? "0x051" : "0xd07") << "a Cortex-A57";
    EXPECT_EQ(machine.output_of("grep -c ^processor /proc/cpuinfo"), "4");
    machine.output_of("taskset -p 1 $$ && /tests/hostile bad-instructions");
    machine.power_off();
}

std::unique_ptr<Machine> machine_with_late_processors()
{
    // On a busy host the first CPU may be the slow one: then nobody is late.
    constexpr int attempts = 8;
    std::unique_ptr<Machine> machine;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        machine.reset();
        machine = std::make_unique<Machine>(direct_boot({"--append", "cpu_start_timeout=0"}), "LateProcessors");
        machine->wait_for_shell();
        if (machine->log().find("does not start in time") != std::string::npos)
            return machine;
        machine->power_off();
    }
    return nullptr;
}

// CPUs that come up after nobody waits for them any more stay away from everything: the others have their memory.
TEST(LateProcessors, StayAwayFromEverything)
{
    const auto machine = machine_with_late_processors();
    ASSERT_NE(machine, nullptr) << "all CPUs start in time";
    const int running = std::stoi(machine->output_of("grep -c ^processor /proc/cpuinfo"));
    EXPECT_GE(running, 1);
    EXPECT_LT(running, 4);
    machine->output_of("for i in 1 2 3 4 5 6 7 8; do /bin/busybox sha256sum /bin/busybox > /tmp/$i & done; wait");
    EXPECT_EQ(machine->output_of("cat /tmp/[1-8] | sort -u | wc -l"), "1");
    machine->output_of("insmod /tests/modules/hello.ko && rmmod hello");
    machine->power_off();
}

// Armv8.6 counts in nanoseconds, so that the times that mean "never" in user space lie behind the counter's range.
TEST(FastCounter, LetsEverybodySleepForEver)
{
    Machine machine(direct_boot({"--cpu", "cortex-a57,cntfrq=1000000000"}), "FastCounter");
    machine.wait_for_shell();
    machine.output_of("for i in 1 2 3 4; do sleep 9000000000 & done");
    const auto timer_interrupts = [&] {
        return std::stol(machine.output_of("awk '/timer$/ { print $2 + $3 + $4 + $5 }' /proc/interrupts"));
    };
    const auto ticks = [&] { return std::stol(machine.output_of("awk '{ print int($1 * 100) }' /proc/uptime")); };
    const long first = timer_interrupts();
    const long begin = ticks();
    machine.output_of("sleep 2");
    const long last = timer_interrupts();
    EXPECT_LT(last - first, 3 * 4 * (ticks() - begin)) << "four CPUs have a hundred ticks a second each";
    machine.output_of("kill $(jobs -p)");
    machine.power_off();
}

// A broken invariant of the kernel's own: a backtrace with names, then the machine goes off.
TEST(Panic, PrintsABacktraceAndSwitchesOff)
{
    Machine machine(direct_boot(), "Panic");
    machine.wait_for_shell();
    machine.send("insmod /tests/modules/panicker.ko\n");
    const std::string reason = machine.expect("the panicker was loaded");
    const std::string chain = machine.expect("sys_finit_module");
    EXPECT_NE(chain.find("innermost_function"), std::string::npos) << chain;
    EXPECT_NE(chain.find("[panicker]"), std::string::npos) << chain;
    machine.wait_for_end();
}

// A function that writes beyond its own array does not return, and its module is named.
TEST(Panic, AnOverrunStackNamesTheFunction)
{
    Machine machine(direct_boot(), "Overrun");
    machine.wait_for_shell();
    machine.send("insmod /tests/modules/panicker.ko overrun=32\n");
    machine.expect("Kernel panic: ");
    const std::string reason = machine.expect("overran its stack frame");
    EXPECT_NE(reason.find("careless_function"), std::string::npos) << reason;
    EXPECT_NE(reason.find("of module panicker"), std::string::npos) << reason;
    machine.wait_for_end();
}

// Cortex-A53 erratum 843419: modules get room for the veneers that keep ADRP from the ends of pages there, and only there.
TEST(Erratum, ModulesAreLinkedAroundItWhereTheProcessorHasIt)
{
    const auto size_of_module = [](const char* cpu) {
        Machine machine(direct_boot({"--cpu", cpu}), std::string("Erratum_") + cpu);
        machine.wait_for_shell();
        machine.output_of("insmod /tests/modules/crc16.ko && insmod /tests/modules/ext2.ko");
        return std::stol(machine.output_of("sed -n 's/^ext2 \\([0-9]*\\).*/\\1/p' /proc/modules"));
    };
    EXPECT_GT(size_of_module("cortex-a53"), size_of_module("cortex-a57"));
}

// A fault in kernel code: the registers too.
TEST(Panic, AFaultPrintsTheRegisters)
{
    Machine machine(direct_boot(), "Fault");
    machine.wait_for_shell();
    machine.send("insmod /tests/modules/panicker.ko address=0xdead0000\n");
    const std::string registers = machine.expect("innermost_function");
    EXPECT_NE(registers.find("00000000dead0000"), std::string::npos) << registers;
    EXPECT_NE(registers.find("x29"), std::string::npos) << registers;
    machine.wait_for_end();
}

}  // namespace
}  // namespace tenon::boot
