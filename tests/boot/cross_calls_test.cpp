#include <sstream>

#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

class CrossCalls : public BootedSystem<CrossCalls> {
protected:
    void SetUp() override { output_of("parameters=/sys/module/every_cpu/parameters"); }

    // All the function calls by interrupt so far.
    unsigned long interrupts()
    {
        std::istringstream line(output_of("grep 'function calls$' /proc/interrupts"));
        std::string label;
        line >> label;
        unsigned long sum = 0;
        for (unsigned long number; line >> number;)
            sum += number;
        return sum;
    }
};

TEST_F(CrossCalls, RunOnceOnEveryCpu)
{
    output_of("insmod /tests/modules/every_cpu.ko");
    output_of("echo 100 > $parameters/call");
    EXPECT_EQ(output_of("cat $parameters/call"), "400");
    output_of("rmmod every_cpu");
}

// Callers on all CPUs at once, while others hold spinlocks and run programs.
TEST_F(CrossCalls, EndWhenAllCallAndInterruptsAreOff)
{
    output_of("insmod /tests/modules/every_cpu.ko");
    output_of("for i in 1 2 3 4; do echo 200 > $parameters/call & echo 100 > $parameters/hold & "
              "(n=0; while [ $n -lt 2000 ]; do n=$((n + 1)); done) & done; wait");
    EXPECT_EQ(output_of("cat $parameters/call"), "3200");
    output_of("rmmod every_cpu");
}

// A CPU that runs something else while a module comes is told to forget what it fetched; one that sleeps is left alone.
TEST_F(CrossCalls, ComeWithEveryNewCodeToBusyCpus)
{
    output_of("for i in 1 2 3 4; do (while :; do :; done) & echo $!; done > /tmp/busy");
    const auto before = interrupts();
    output_of("for i in 1 2 3 4 5; do insmod /tests/modules/hello.ko && rmmod hello; done");
    EXPECT_GT(interrupts(), before + 10) << "each load has text and init text, each removal leaves traps";
    output_of("kill $(cat /tmp/busy)");
}

}  // namespace
}  // namespace tenon::boot
