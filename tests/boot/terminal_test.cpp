#include <thread>

#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// What a user at the terminal does with keys.
class Terminal : public BootedSystem<Terminal> {
protected:
    // Types `text` and waits for `answer`.
    void type(std::string_view text, std::string_view answer)
    {
        machine().send(text);
        machine().expect(answer);
    }
};

TEST_F(Terminal, InterruptKeyEndsTheForegroundProgram)
{
    machine().send("sleep 1000; echo st''atus $?\n");
    machine().expect("$?\n");
    std::this_thread::sleep_for(Seconds(2));
    type("\x03", "# ");
    type("echo al''ive\n", "alive\n");
}

TEST_F(Terminal, SuspendKeyStopsAndFgContinues)
{
    machine().send("sleep 1000\n");
    machine().expect("sleep 1000\n");
    std::this_thread::sleep_for(Seconds(2));
    type("\x1a", "Stopped");
    type("jobs\n", "Stopped");
    type("fg\n", "sleep 1000\n");
    std::this_thread::sleep_for(Seconds(2));
    type("\x03", "# ");
    type("echo al''ive\n", "alive\n");
}

TEST_F(Terminal, BackgroundJobsAndWait)
{
    EXPECT_EQ(output_of("sleep 1 & wait %1 && echo done"), "done");
}

TEST_F(Terminal, LineEditing)
{
    type("echo wromg\x7f\x7f\x7fong\n", "wrong\n");
    type("\x10\x10\n", "# ");  // two lines back in the history
    type("echo tail\x01\x0b" "echo head\n", "head\n");
}

TEST_F(Terminal, EndOfFileEndsCat)
{
    machine().send("cat\n");
    machine().expect("cat\n");
    std::this_thread::sleep_for(Seconds(2));
    type("typed\n", "typed\ntyped\n");
    type("\x04", "# ");
    EXPECT_EQ(output_of("echo on"), "on");
}

TEST_F(Terminal, SizeIsKept)
{
    EXPECT_EQ(output_of("stty rows 40 cols 100; stty size"), "40 100");
}

}  // namespace
}  // namespace tenon::boot
