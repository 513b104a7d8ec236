#include <string>

#include <gtest/gtest.h>

#include "kernel/arch.h"
#include "kernel/log/ring.h"
#include "kernel/thread/scheduler.h"
#include "tests/core/threads.h"
#include <tenon/log.h>
#include <tenon/time.h>

using namespace tenon;
using namespace tenon::test;

namespace {

constexpr unsigned log_writers = 3;
constexpr unsigned lines_of_each = 100;

// Whose first line takes until the writers have written all of theirs, or for ever by the measure of a test. Only ever one thread writes
// it, so its text needs no lock.
class SlowConsole final : public log::Console {
public:
    void write(std::string_view lines) override
    {
        text_ += lines;
        if (is_busy_.exchange(true))
            return;
        constexpr u64 patience = 20 * nanoseconds_per_second;
        for (const u64 end = monotonic_now() + patience; finished_.load() != log_writers && monotonic_now() < end;)
            arch::relax();
        went_on_ = finished_.load() == log_writers;
    }
    bool is_busy() const { return is_busy_.load(); }
    void note_finished_writer() { finished_.fetch_add(1); }

    bool did_writers_go_on() const { return went_on_; }
    const std::string& text() const { return text_; }

private:
    std::atomic<bool> is_busy_{false};
    std::atomic<unsigned> finished_{0};
    bool went_on_ = false;
    std::string text_;
};
SlowConsole console;  // the log keeps it

// Who writes to the log while another CPU is printing goes on at once; each line is printed, and once.
TEST(LogConsole, IsWrittenByOneWhileOthersGoOn)
{
    log::set_console(console);
    run_threads(log_writers + 1, [](unsigned index) {
        if (index == log_writers)
            return log::info("console", "first");
        while (!console.is_busy())
            scheduler::yield();
        for (unsigned line = 0; line < lines_of_each; ++line)
            log::info("console", "line {} of {}.", line, index);
        console.note_finished_writer();
    });
    EXPECT_TRUE(console.did_writers_go_on());
    log::finish_printing();
    for (unsigned writer = 0; writer < log_writers; ++writer)
        for (unsigned line = 0; line < lines_of_each; ++line) {
            const std::string words = "console: line " + std::to_string(line) + " of " + std::to_string(writer) + ".\n";
            const auto first = console.text().find(words);
            ASSERT_NE(first, std::string::npos) << words;
            ASSERT_EQ(console.text().find(words, first + 1), std::string::npos) << words;
        }
}

}  // namespace
