#include "tests/boot/driver/system.h"

#include <sstream>

namespace tenon::boot {
namespace {

class Interrupts : public BootedSystem<Interrupts> {
protected:
    // The counts of the line that ends with the words, by processor.
    std::vector<unsigned long> counts(const std::string& words)
    {
        std::istringstream line(output_of("grep '" + words + "$' /proc/interrupts"));
        std::string label;
        line >> label;
        std::vector<unsigned long> numbers;
        for (unsigned long number; line >> number;)
            numbers.push_back(number);
        return numbers;
    }
};

TEST_F(Interrupts, AreCountedByProcessor)
{
    EXPECT_EQ(output_of("head -n 1 /proc/interrupts | wc -w"), "4");
    const auto timer = counts("timer");
    const auto serial = counts("ttyAMA0");
    ASSERT_EQ(timer.size(), 4u);
    ASSERT_EQ(serial.size(), 4u);
    output_of("sleep 1");
    EXPECT_GT(counts("timer")[0], timer[0]);
    EXPECT_GT(counts("ttyAMA0")[0], serial[0]) << "what was typed came by interrupts";
    EXPECT_EQ(counts("rescheduling").size(), 4u);
}

// What comes late for one owner must not switch the line off under the next.
TEST_F(Interrupts, ComeToWhoeverHasTheLineNow)
{
    output_of("insmod /tests/modules/lines.ko");
    const std::string claim = "(echo 1500 > /sys/module/lines/parameters/claim && echo done)";
    const std::string together = "sh -c '" + claim + " & " + claim + " & " + claim + " & wait'";
    EXPECT_EQ(machine().run(together, Seconds(120)).output, "done\ndone\ndone\n");
    EXPECT_EQ(output_of("cat /sys/module/lines/parameters/claim"), "0");
    output_of("rmmod lines");
}

}  // namespace
}  // namespace tenon::boot
