#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// Accesses of a module to bad addresses that have entries in its exception table.
class ModuleFaults : public BootedSystem<ModuleFaults> {
protected:
    static constexpr const char* nothing_there = "0xffff700000000000";  // a kernel address

    // Writes the address to a file of the module guarded; the words of the failure, or nothing.
    std::string trial(const std::string& access, const std::string& address)
    {
        const auto result = run("busybox echo " + address + " > /sys/module/guarded/parameters/" + access);
        return result.status == 0 ? "" : result.output;
    }
    void expect_fault(const std::string& access, const std::string& address)
    {
        const std::string said = trial(access, address);
        EXPECT_NE(said.find("Bad address"), std::string::npos) << access << " " << address << ": `" << said << "`";
    }
    std::string text_address() { return output_of("sed -n 's/^guarded .* \\(0x[0-9a-f]*\\).*/\\1/p' /proc/modules"); }
};

TEST_F(ModuleFaults, EndAsErrors)
{
    output_of("insmod /tests/modules/guarded.ko");
    expect_fault("load", nothing_there);
    expect_fault("load", "0xdead0000");
    expect_fault("load", "0x0");
    expect_fault("store", nothing_there);
    expect_fault("store", text_address());
    expect_fault("user", "0xdead0000");
    expect_fault("user", text_address());
    EXPECT_EQ(trial("load", text_address()), "");
    EXPECT_NE(output_of("cat /sys/module/guarded/parameters/load"), "0x0");
    output_of("rmmod guarded");
}

// What the shell has mapped first: an ELF header.
TEST_F(ModuleFaults, MemoryOfTheCallerCanBeRead)
{
    output_of("insmod /tests/modules/guarded.ko");
    output_of("read first < /proc/$$/maps; echo 0x${first%%-*} > /sys/module/guarded/parameters/user");
    const std::string word = output_of("cat /sys/module/guarded/parameters/user");
    EXPECT_TRUE(word.ends_with("10102464c457f")) << word;
    output_of("rmmod guarded");
}

TEST_F(ModuleFaults, InInit)
{
    output_of("dmesg -c > /dev/null; insmod /tests/modules/guarded.ko start_address=0xdead0000 && rmmod guarded");
    EXPECT_EQ(output_of("dmesg | grep -c 'at the start: false false false'"), "1");
}

// Tables come and go on one processor while others look faults up.
TEST_F(ModuleFaults, WhileOtherModulesComeAndGo)
{
    output_of("insmod /tests/modules/guarded.ko");
    output_of("for n in 1 2 3; do (while [ ! -e /tmp/stop ]; do echo 0xdead0000 > /sys/module/guarded/parameters/load; done) "
              "2> /dev/null & done");
    // The same module by another name brings a table of its own.
    output_of("sed 's/guarded/warded2/g' /tests/modules/guarded.ko > /tmp/second.ko");
    output_of("for n in $(seq 30); do insmod /tmp/second.ko start_address=0xdead0000 && insmod /tests/modules/hello.ko && "
              "rmmod hello warded2 || exit 1; done");
    output_of("touch /tmp/stop; wait; rmmod guarded; rm /tmp/stop");
    output_of("insmod /tests/modules/hello.ko && rmmod hello");
}

// The other accesses of a module with a table stop the kernel as ever.
TEST(ModuleFault, WithoutAnEntryStopsTheKernel)
{
    Machine machine(direct_boot(), "ModuleFault");
    machine.wait_for_shell();
    machine.output_of("insmod /tests/modules/guarded.ko");
    machine.send("echo 0xffff700000000000 > /sys/module/guarded/parameters/unguarded\n");
    machine.expect("Kernel panic: bad address used in the kernel: address 0xffff700000000000");
    EXPECT_NE(machine.expect("[guarded]").find("load_unguarded"), std::string::npos);
    machine.wait_for_end();
}

}  // namespace
}  // namespace tenon::boot
