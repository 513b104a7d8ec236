#include <cstdio>
#include <fstream>

#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// What the debug kernel finds: each mistake of kernel/debug/faults is reported, in the kernel and in a module, by the name of the function
// that makes it, and the system goes on. This one boot of it is part of every run of the boot tests.
class DebugKernel : public BootedSystem<DebugKernel> {
public:
    static MachineOptions options()
    {
        MachineOptions options = debug_boot();
        options.arguments.insert(options.arguments.end(), {"--disk", "build/test/disk.ext2"});
        return options;
    }

protected:
    static constexpr const char* kernel = "/proc/sys/kernel/plant_fault";
    static constexpr const char* module = "/sys/module/faults/parameters/plant";

    // The log of the mistake alone.
    std::string plant(const std::string& fault, const std::string& where)
    {
        output_of("dmesg -c > /dev/null; echo " + fault + " > " + where);
        return output_of("dmesg");
    }

    void expect_words(const std::string& log, const std::vector<std::string>& words)
    {
        for (const std::string& word : words)
            EXPECT_NE(log.find(word), std::string::npos) << "no `" << word << "` in\n" << log;
    }

    void expect_report(const std::string& fault, const std::vector<std::string>& words)
    {
        for (const std::string where : {kernel, module}) {
            const std::string log = plant(fault, where);
            expect_words(log, words);
            EXPECT_EQ(log.find("[faults]") != std::string::npos, where == module) << where << "\n" << log;
        }
    }

    void SetUp() override
    {
        if (run("test -d /sys/module/faults").status != 0)
            output_of("insmod /tests/modules/faults.ko");
    }
};

TEST_F(DebugKernel, UseAfterFree)
{
    expect_report("use-after-free", {"BUG: KASAN: slab-use-after-free in", "use_after_free", "It was allocated by:", "It was freed by:"});
}

// Who got there, between the access and what is known of the object.
TEST_F(DebugKernel, ReportsHaveTheirCallChain)
{
    for (const std::string where : {kernel, module}) {
        const std::string log = plant("use-after-free", where);
        const auto begin = log.find("call chain, innermost first:");
        const auto end = log.find(" bytes from the start of an object");
        ASSERT_LT(begin, end) << log;
        EXPECT_NE(log.substr(begin, end - begin).find("plant_fault"), std::string::npos) << log;
    }
}

TEST_F(DebugKernel, OverflowOfAnObject)
{
    expect_report("overflow-by-one", {"BUG: KASAN: slab-out-of-bounds in", "overflow_by_one", "is 40 bytes from the start of an object of 40 bytes"});
    expect_report("overflow-by-copying", {"BUG: KASAN: slab-out-of-bounds in", "overflow_by_copying", "Write of size 48"});
}

TEST_F(DebugKernel, OverflowOfAVariable)
{
    expect_report("overflow-of-variable", {"BUG: KASAN: global-out-of-bounds in", "overflow_of_variable"});
    expect_report("overflow-on-stack", {"BUG: KASAN: stack-out-of-bounds in", "overflow_on_stack"});
}

// Behind the last byte of a module's code, wherever that is.
TEST_F(DebugKernel, OverflowOfAModulesMemory)
{
    for (const std::string where : {kernel, module}) {
        output_of("dmesg -c > /dev/null; start=$(cat /sys/module/faults/sections/.text); n=0; "
                  "until dmesg | grep -q KASAN || [ $n -ge 1024 ]; do end=$((n + 16)); while [ $n -lt $end ]; do "
                  "printf 'byte-at %x' $((start + 64 * n + 63)) > " + where + "; n=$((n + 1)); done; done");
        expect_words(output_of("dmesg"), {"BUG: KASAN: module-out-of-bounds in", "byte_at"});
    }
}

TEST_F(DebugKernel, WrongFree)
{
    expect_report("free-twice", {"BUG: KASAN: double free in", "free_twice", "It was freed by:"});
    expect_report("free-of-middle", {"BUG: KASAN: invalid free in", "free_of_middle"});
}

// What is known of a module's locks is looked at when the module has gone.
TEST_F(DebugKernel, ClassesOfLocksOutliveTheirModule)
{
    plant("locks-in-order", module);
    output_of("rmmod faults");
    EXPECT_EQ(plant("locks-in-order", kernel), "");
}

TEST_F(DebugKernel, LocksInTwoOrders)
{
    expect_report("lock-cycle", {"BUG: lock order: ", "lock_cycle", "before, "});
    expect_report("spinlock-cycle", {"BUG: lock order: ", "spinlock_cycle", "before, "});
}

TEST_F(DebugKernel, SleepUnderALock)
{
    expect_report("sleep-under-lock", {"BUG: blocking call with a spinlock held", "sleep_under_lock", "The spinlock was made by "});
}

TEST_F(DebugKernel, WhatTheLanguageLeavesUndefined)
{
    expect_report("shift-too-far", {"UBSAN: shift out of bounds in kernel/debug/faults/faults.cpp", "shift_too_far"});
    expect_report("overflow-of-number", {"UBSAN: signed addition overflows in kernel/debug/faults/faults.cpp", "overflow_of_number"});
    expect_report("index-too-high", {"UBSAN: array index out of bounds in kernel/debug/faults/faults.cpp", "index_too_high"});
    expect_report("unaligned-access", {"UBSAN: misaligned or null pointer used in kernel/debug/faults/faults.cpp", "unaligned_access"});
}

TEST_F(DebugKernel, LongCall)
{
    expect_report("long-call", {"BUG: call without a resched_point in", "long_call"});
}

TEST_F(DebugKernel, FpOutsideItsScope)
{
    expect_report("fp-register", {"BUG: FP registers used outside their scope in", "use_fp_register", "fp_register"});
}

TEST_F(DebugKernel, WhatAModuleLeavesBehind)
{
    output_of("rmmod faults; insmod /tests/modules/faults.ko");
    plant("left-behind", module);
    output_of("rmmod faults");
    expect_words(output_of("dmesg"), {"BUG: leak: module faults leaves 40 bytes behind, in 1 objects", "left_behind"});
    output_of("dmesg -c > /dev/null; insmod /tests/modules/faults.ko forgetful=1 && rmmod faults");
    expect_words(output_of("dmesg"), {"BUG: leak: module faults leaves 24 bytes behind, in 1 objects", ".init.text+", "[faults]"});
    output_of("dmesg -c > /dev/null; insmod /tests/modules/faults.ko && rmmod faults");
    EXPECT_EQ(run("dmesg | grep leak").output, "");
}

// The number of the line in the source that holds the text.
std::string line_of(const std::string& file, const std::string& text)
{
    std::ifstream source(file);
    std::string line;
    for (int number = 1; std::getline(source, line); ++number)
        if (line.find(text) != std::string::npos)
            return file + ":" + std::to_string(number);
    return "no such line";
}

std::string output_of_program(const std::string& command)
{
    std::string output;
    FILE* const pipe = popen(command.c_str(), "r");
    for (int character; (character = std::fgetc(pipe)) != EOF;)
        output += static_cast<char>(character);
    return pclose(pipe) == 0 ? output : "it failed: " + output;
}

TEST_F(DebugKernel, ReportsLeadToTheirLines)
{
    const std::string log = kernel_build("test/boot/report-lines");
    const std::string use = line_of("kernel/debug/faults/faults.cpp", "*hidden(object) = 1;  // after its end");
    for (const std::string where : {kernel, module}) {
        std::ofstream(log) << plant("use-after-free", where);
        const std::string lines = output_of_program("mk/report-lines build/debug < " + log);
        EXPECT_NE(lines.find(use), std::string::npos) << where << ": " << use << "\n" << lines;
    }
    output_of("rmmod faults; dmesg -c > /dev/null; insmod /tests/modules/faults.ko forgetful=1 && rmmod faults");
    std::ofstream(log) << output_of("dmesg");
    expect_words(output_of_program("mk/report-lines build/debug < " + log), {line_of("tests/modules/faults/faults.cpp", "forgotten = new")});
}

// What is made for the ordinary kernel has no checks, and other structures.
TEST_F(DebugKernel, RefusesModulesOfTheOtherConfiguration)
{
    output_of("dmesg -c > /dev/null; /tests/module_files configurations");
    expect_words(output_of("dmesg"),
                 {"version magic '0.1.0-tenon SMP mod_unload aarch64' should be '0.1.0-tenon SMP mod_unload debug aarch64'"});
}

TEST_F(DebugKernel, LoadsUsesAndRemoves)
{
    output_of("dmesg -c > /dev/null");
    output_of("modprobe ext2 && mount -t ext2 /dev/vda /mnt && sha256sum /mnt/hello.txt && umount /mnt && modprobe -r ext2");
    output_of("for round in 1 2 3; do insmod /tests/modules/hello.ko && rmmod hello; done");
    EXPECT_EQ(run("dmesg | grep -e BUG: -e UBSAN:").output, "");
}

// Each allocation fails in turn.
TEST_F(DebugKernel, WithoutMemory)
{
    output_of("dmesg -c > /dev/null");
    for (const char* deed : {"loads", "mounts", "opens", "forks", "executions"}) {
        const auto result = machine().run(std::string("/tests/failing_calls ") + deed, Seconds(120));
        EXPECT_EQ(result.status, 0) << result.output;
    }
    EXPECT_EQ(run("dmesg | grep -A 20 -e BUG: -e UBSAN:").output, "");
}

}  // namespace
}  // namespace tenon::boot
