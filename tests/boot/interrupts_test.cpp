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

}  // namespace
}  // namespace tenon::boot
