#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

class Log : public BootedSystem<Log> {};

std::size_t occurrences(const std::string& text, const std::string& word)
{
    std::size_t count = 0;
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + word.size()))
        ++count;
    return count;
}

// Writers on all CPUs: each line comes out once, whoever printed it. At the one severity that the driver leaves on the console.
TEST_F(Log, EveryLineReachesTheConsoleOnce)
{
    output_of("for writer in 1 2 3 4; do (for line in $(seq 100); do echo \"<0>flood $writer.$line.\" > /dev/kmsg; done) & done; wait");
    output_of("sleep 0.5");
    for (int writer = 1; writer <= 4; ++writer)
        for (int line = 1; line <= 100; ++line) {
            const std::string text = "flood " + std::to_string(writer) + "." + std::to_string(line) + ".";
            ASSERT_EQ(occurrences(machine().log(), text), 1u) << text;
        }
}

// One open file may write ten lines in five seconds, as on Linux; the rest is dropped and counted.
TEST_F(Log, DropsWhatAProgramWritesTooFast)
{
    output_of("exec 9> /dev/kmsg; for line in $(seq 50); do echo \"limited $line\" >&9; done");
    EXPECT_EQ(output_of("dmesg | grep -c ' limited '"), "10");
    output_of("sleep 5; echo 'limited again' >&9; exec 9>&-");
    EXPECT_EQ(output_of("dmesg | grep -c ' limited again'"), "1");
    EXPECT_EQ(output_of("dmesg | grep -c '40 lines were dropped'"), "1");
}

}  // namespace
}  // namespace tenon::boot
