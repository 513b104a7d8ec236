#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// Mistakes of modules that the kernel notices, names and goes on after.
class CarelessModule : public BootedSystem<CarelessModule> {
public:
    static MachineOptions options()
    {
        MachineOptions options = direct_boot();
        options.expects_reports = true;
        return options;
    }

protected:
    void SetUp() override { output_of("dmesg -c > /dev/null; insmod /tests/modules/careless.ko"); }
    void TearDown() override { output_of("rmmod careless; insmod /tests/modules/hello.ko && rmmod hello"); }

    // What the log says about a mistake in a system call that ends. The log lets ten reports through in five seconds.
    std::string said_about(const std::string& mistake)
    {
        output_of("dmesg -c > /dev/null; echo " + mistake + " > /sys/module/careless/parameters/make");
        return output_of("dmesg");
    }
    void expect_report(const std::string& mistake, const std::string& report)
    {
        const std::string said = said_about(mistake);
        const auto place = said.find("BUG: " + report);
        ASSERT_NE(place, std::string::npos) << mistake << ":\n" << said;
        const std::string line = said.substr(place, said.find('\n', place) - place);
        EXPECT_NE(line.find("[careless]"), std::string::npos) << line;
        EXPECT_NE(said.find("call chain"), std::string::npos) << said;
    }
};

TEST_F(CarelessModule, BlocksUnderASpinlock)
{
    for (const char* const mistake : {"take-mutex-under-spinlock", "wait-under-spinlock", "sleep-under-spinlock", "pause-under-spinlock"})
        expect_report(mistake, "blocking call with a spinlock held or interrupts off in ");
    EXPECT_EQ(std::stol(output_of("cat /proc/sys/kernel/tainted")) & 1 << 9, 1 << 9);
}

TEST_F(CarelessModule, BlocksInAnInterrupt)
{
    expect_report("pause-in-interrupt", "blocking call in an interrupt in ");
}

// Memory stays usable: the next loads and removals are the ones that went wrong.
TEST_F(CarelessModule, FreesTwice)
{
    output_of("sleep 5");  // for reports
    expect_report("free-twice", "an object was freed twice (0x");
    expect_report("free-variable", "an address outside memory was freed (0x");
    expect_report("free-pages-twice", "an address was freed that is no heap object, or no longer (0x");
    output_of("for n in $(seq 20); do insmod /tests/modules/hello.ko && rmmod hello || exit 1; done");
}

TEST_F(CarelessModule, ComesBackFromInitAndExitWithASpinlock)
{
    output_of("sleep 5; rmmod careless");  // for reports
    for (const std::string function : {"init", "exit"}) {
        output_of("insmod /tests/modules/careless.ko " + function + "=keep-spinlock && rmmod careless");
        EXPECT_NE(output_of("dmesg").find("BUG: " + function + " of module careless came back with a spinlock held"), std::string::npos)
            << output_of("dmesg");
    }
    output_of("insmod /tests/modules/careless.ko");
}

TEST_F(CarelessModule, ComesBackFromASystemCallWithASpinlock)
{
    const std::string said = said_about("keep-spinlock");
    EXPECT_NE(said.find("BUG: return to user space with a spinlock held or interrupts off after system call 64"), std::string::npos) << said;
}

// A removal waits for processors that stay in kernel code; who that is can be read while it does.
TEST_F(CarelessModule, KeepsARemovalWaiting)
{
    EXPECT_EQ(output_of("cat /proc/sys/kernel/watchdog_thresh"), "10");
    output_of("echo 1 > /proc/sys/kernel/watchdog_thresh");
    const auto removal_beside = [&](const std::string& mistake) {
        output_of("insmod /tests/modules/hello.ko && dmesg -c > /dev/null; (echo " + mistake +
                  " > /sys/module/careless/parameters/make) & sleep 0.3; rmmod hello; wait");
        return output_of("dmesg");
    };
    const std::string spinning = removal_beside("spin");
    EXPECT_NE(spinning.find(" has passed no quiescent point for 1 s: removal of module hello waits for it"), std::string::npos) << spinning;
    EXPECT_NE(spinning.find("BUG: no quiescent point in "), std::string::npos) << spinning;
    EXPECT_NE(spinning.find("[careless]"), std::string::npos) << spinning;
    output_of("echo 3 > /sys/module/careless/parameters/spin_seconds");
    const std::string silent = removal_beside("spin-under-spinlock");
    EXPECT_NE(silent.find(" takes no interrupts; it runs thread sh"), std::string::npos) << silent;
    output_of("echo 0 > /proc/sys/kernel/watchdog_thresh");
    EXPECT_EQ(removal_beside("spin").find("quiescent"), std::string::npos);
    output_of("echo 10 > /proc/sys/kernel/watchdog_thresh");
}

}  // namespace
}  // namespace tenon::boot
