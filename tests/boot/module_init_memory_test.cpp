#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// A module that needs 300,000 bytes to start and almost nothing afterwards.
class ModuleInitMemory : public BootedSystem<ModuleInitMemory> {
protected:
    long number_of(const std::string& command) { return std::stol(output_of(command)); }
};

TEST_F(ModuleInitMemory, NothingThatOnlyInitNeededStays)
{
    output_of("insmod /tests/modules/start_heavy.ko && rmmod start_heavy && dmesg -c > /dev/null");
    const long before = meminfo(machine(), "MemFree");
    output_of("insmod /tests/modules/start_heavy.ko");
    const long taken = before - meminfo(machine(), "MemFree");
    EXPECT_LT(taken, 64) << "KiB; its init regions are 293 KiB";
    EXPECT_EQ(output_of("dmesg | grep -c 'text of the start: 12503'"), "1") << "init ran, with its table, its data and its text";
    EXPECT_EQ(number_of("cat /sys/module/start_heavy/initsize"), 0);
    EXPECT_LT(number_of("cat /sys/module/start_heavy/coresize"), 2000);
    EXPECT_EQ(run("ls /sys/module/start_heavy/sections | grep init").output, "");
    output_of("rmmod start_heavy");
}

TEST_F(ModuleInitMemory, HoldsParametersThatAreNotShown)
{
    output_of("dmesg -c > /dev/null; insmod /tests/modules/start_heavy.ko extra=100 word=seven");
    EXPECT_EQ(output_of("dmesg | grep -c 'text of the start: 12603 seven'"), "1") << output_of("dmesg");
    EXPECT_NE(run("ls /sys/module/start_heavy/parameters").status, 0);
    output_of("rmmod start_heavy");
    EXPECT_NE(run("insmod /tests/modules/start_heavy.ko word=eightletters").status, 0);
}

// Three threads ask for it at once.
TEST_F(ModuleInitMemory, ObjectsOfFunctionsAreMadeOnceWhenTheyAreNeeded)
{
    output_of("dmesg -c > /dev/null; insmod /tests/modules/lazy.ko; cd /sys/module/lazy/parameters");
    EXPECT_EQ(output_of("(for n in 1 2 3; do cat object & done; wait)"), "42 of 1\n42 of 1\n42 of 1");
    EXPECT_EQ(output_of("cat object; cd /"), "42 of 1");
    output_of("rmmod lazy");
    EXPECT_EQ(output_of("dmesg | grep -c 'the object of value 42 goes'"), "1");
    output_of("insmod /tests/modules/lazy.ko && rmmod lazy");
    EXPECT_EQ(output_of("dmesg | grep -c 'the object of value 42 goes'"), "1") << "nobody asked for it";
}

TEST_F(ModuleInitMemory, SymbolsOfInitAreNotKept)
{
    output_of("insmod /tests/modules/start_heavy.ko");
    const std::string symbols = output_of("grep '\\[start_heavy\\]' /proc/kallsyms");
    EXPECT_NE(symbols.find("function_that_stays"), std::string::npos) << symbols;
    EXPECT_EQ(symbols.find("long_function_of_init"), std::string::npos) << symbols;
    EXPECT_EQ(symbols.find("::start"), std::string::npos) << symbols;
    output_of("rmmod start_heavy");
}

}  // namespace
}  // namespace tenon::boot
