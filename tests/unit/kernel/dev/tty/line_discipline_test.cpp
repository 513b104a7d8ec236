#include "kernel/dev/tty/line_discipline.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernel/proc/signal_set.h"

namespace tenon {
namespace {

class Line : public testing::Test, public TerminalEffects {
protected:
    void echo(std::string_view text) override { echoed += text; }
    void signal(int number) override { sent.push_back(number); }
    void set_output_stopped(bool value) override { stopped = value; }

    void type(std::string_view text)
    {
        for (const char character : text)
            discipline.receive(character, *this);
    }

    std::string read(usize size = 1000)
    {
        std::string text(size, '?');
        text.resize(discipline.read(text));
        return text;
    }

    void change(auto&& edit)
    {
        Termios settings = discipline.settings();
        edit(settings);
        discipline.set_settings(settings);
    }

    void make_raw()
    {
        change([](Termios& settings) {
            settings.local &= ~(termios::canonical | termios::echo | termios::signals | termios::extended);
            settings.input = 0;
        });
    }

    LineDiscipline discipline;
    std::string echoed;
    std::vector<int> sent;
    bool stopped = false;
};

TEST_F(Line, GivesALineOnlyWhenItIsComplete)
{
    type("ab");
    EXPECT_FALSE(discipline.has_input(1));
    type("c\r");
    EXPECT_TRUE(discipline.has_input(1));
    EXPECT_EQ(discipline.queued(), 4u);
    EXPECT_EQ(read(), "abc\n");
    EXPECT_EQ(echoed, "abc\r\n");
}

TEST_F(Line, GivesOneLinePerRead)
{
    type("one\ntwo\n");
    EXPECT_EQ(read(), "one\n");
    EXPECT_EQ(read(2), "tw");
    EXPECT_EQ(read(), "o\n");
    EXPECT_FALSE(discipline.has_input(1));
}

TEST_F(Line, EndOfFileAtTheStartOfALineReadsAsNothing)
{
    type("\x04");
    EXPECT_TRUE(discipline.has_input(1));
    EXPECT_EQ(read(), "");
    EXPECT_FALSE(discipline.has_input(1));
}

TEST_F(Line, EndOfFileInsideALineEndsItWithoutNewline)
{
    type("abc\x04");
    EXPECT_EQ(read(), "abc");
    EXPECT_FALSE(discipline.has_input(1));
}

TEST_F(Line, EndOfFileBehindAFullBufferIsNotReadAgain)
{
    type("abc\x04");
    EXPECT_EQ(read(3), "abc");
    EXPECT_FALSE(discipline.has_input(1));
}

TEST_F(Line, ErasesCharactersWordsAndLines)
{
    type("abd\x7f" "c\n");
    EXPECT_EQ(read(), "abc\n");
    type("one two  \x17" "three\n");
    EXPECT_EQ(read(), "one three\n");
    type("wrong\x15right\n");
    EXPECT_EQ(read(), "right\n");
    type("\x7f\x7f\x17\x15" "x\n");
    EXPECT_EQ(read(), "x\n");
}

TEST_F(Line, ErasingWipesTheCharacterFromTheScreen)
{
    type("ab\x7f");
    EXPECT_EQ(echoed, "ab\b \b");
}

TEST_F(Line, ErasingControlCharactersAndTabsTakesTheirWidth)
{
    type("\x01\x7f");
    EXPECT_EQ(echoed, "^A\b \b\b \b");
    echoed.clear();
    type("a\t\x7f");
    std::string expected = "a\t";
    for (int i = 0; i < 7; ++i)
        expected += "\b \b";
    EXPECT_EQ(echoed, expected);
}

TEST_F(Line, ErasesUtf8CharactersWhole)
{
    change([](Termios& settings) { settings.input |= termios::input_utf8; });
    type("a\xc3\xa4\x7f\n");
    EXPECT_EQ(read(), "a\n");
}

TEST_F(Line, CannotEraseWhatIsComplete)
{
    type("one\n\x7f\x7f\x7f" "two\n");
    EXPECT_EQ(read(), "one\n");
    EXPECT_EQ(read(), "two\n");
}

TEST_F(Line, LiteralNextTakesTheMeaningAway)
{
    type("a\x16\x03" "b\n");
    EXPECT_EQ(read(), "a\x03" "b\n");
    EXPECT_TRUE(sent.empty());
}

TEST_F(Line, SignalCharactersSendAndFlush)
{
    type("abc\x03");
    EXPECT_EQ(sent, std::vector{signal_number::interrupt});
    EXPECT_EQ(echoed, "abc^C");
    type("\x1a\x1c");
    EXPECT_EQ(sent, (std::vector{signal_number::interrupt, signal_number::terminal_stop, signal_number::quit}));
    type("x\n");
    EXPECT_EQ(read(), "x\n");
}

TEST_F(Line, SignalsFlushNothingWhenToldSo)
{
    change([](Termios& settings) { settings.local |= termios::no_flush; });
    type("ab\x03" "c\n");
    EXPECT_EQ(read(), "abc\n");
}

TEST_F(Line, RawModeGivesEveryCharacterAtOnce)
{
    make_raw();
    type("a\x03\r\x7f");
    EXPECT_TRUE(discipline.has_input(4));
    EXPECT_FALSE(discipline.has_input(5));
    EXPECT_EQ(read(), "a\x03\r\x7f");
    EXPECT_TRUE(echoed.empty());
    EXPECT_TRUE(sent.empty());
}

TEST_F(Line, AnUnfinishedLineBecomesReadableInRawMode)
{
    type("part");
    EXPECT_FALSE(discipline.has_input(1));
    make_raw();
    EXPECT_EQ(read(), "part");
}

TEST_F(Line, AnEndOfFileMarkIsNoCharacterInRawMode)
{
    type("a\x04");
    make_raw();
    EXPECT_EQ(read(), "a");
}

TEST_F(Line, RawInputStaysReadableInCanonicalMode)
{
    const Termios before = discipline.settings();
    make_raw();
    type("xy");
    discipline.set_settings(before);
    type("z\n");
    EXPECT_EQ(read(), "xyz\n");
}

TEST_F(Line, AFullLineCanStillBeEnded)
{
    type(std::string(LineDiscipline::capacity + 100, 'x'));
    EXPECT_EQ(echoed.back(), '\a');
    type("\n");
    const std::string line = read(2 * LineDiscipline::capacity);
    EXPECT_EQ(line.size(), LineDiscipline::capacity);
    EXPECT_EQ(line.back(), '\n');
    type("next\n");
    EXPECT_EQ(read(), "next\n");
}

TEST_F(Line, TheRingTurnsManyTimes)
{
    for (int i = 0; i < 1000; ++i) {
        const std::string text = "line number " + std::to_string(i) + "\n";
        type(text);
        ASSERT_EQ(read(), text);
    }
}

TEST_F(Line, FlowControlStopsAndStartsOutput)
{
    type("a\x13");
    EXPECT_TRUE(stopped);
    type("\x11");
    EXPECT_FALSE(stopped);
    type("\n");
    EXPECT_EQ(read(), "a\n");
}

TEST_F(Line, AnInterruptLetsStoppedOutputGoOn)
{
    type("\x13\x03");
    EXPECT_FALSE(stopped);
}

TEST_F(Line, EchoesOnlyTheNewlineWhenAsked)
{
    change([](Termios& settings) {
        settings.local &= ~termios::echo;
        settings.local |= termios::echo_newline;
    });
    type("secret\n");
    EXPECT_EQ(echoed, "\r\n");
}

TEST_F(Line, ReprintShowsTheLineAgain)
{
    type("ab\x12");
    EXPECT_EQ(echoed, "ab^R\r\nab");
}

TEST_F(Line, InputNewlineTranslations)
{
    change([](Termios& settings) { settings.input = termios::ignore_return; });
    type("a\rb\n");
    EXPECT_EQ(read(), "ab\n");
    change([](Termios& settings) { settings.input = termios::newline_to_return; });
    type("x\n\x04");
    EXPECT_EQ(read(), "x\r");
    change([](Termios& settings) { settings.input = termios::strip; });
    type("\xe1\n");
    EXPECT_EQ(read(), "a\n");
}

TEST_F(Line, OutputProcessing)
{
    FixedText<64> out;
    discipline.process_output("a\nb\r", out);
    EXPECT_EQ(out.view(), "a\r\nb\r");
    out.clear();
    change([](Termios& settings) { settings.output |= termios::no_return_at_start | termios::output_return_to_newline; });
    discipline.process_output("\rx\r", out);
    EXPECT_EQ(out.view(), "x\n");
    out.clear();
    change([](Termios& settings) { settings.output = 0; });
    discipline.process_output("a\nb", out);
    EXPECT_EQ(out.view(), "a\nb");
}

TEST_F(Line, FlushingForgetsEverything)
{
    type("one\ntwo");
    discipline.flush_input();
    EXPECT_FALSE(discipline.has_input(1));
    type("x\n");
    EXPECT_EQ(read(), "x\n");
}

}  // namespace
}  // namespace tenon
