#include "tests/mutate/tokens.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace tenon::mutate {
namespace {

// Longest first.
constexpr std::array<std::string_view, 26> long_punctuation = {"<<=", ">>=", "<=>", "...", "->*", "::", "->", "++", "--", "<<", ">>", "<=", ">=",
                                                               "==", "!=", "&&", "||", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "##"};

bool is_word(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class Tokenizer {
public:
    explicit Tokenizer(std::string_view source) : source_(source) {}

    std::vector<Token> run()
    {
        while (at_ < source_.size())
            step();
        for (Token& token : tokens_)
            token.spaced_after = token.end() < source_.size() && is_space(source_[token.end()]);
        return std::move(tokens_);
    }

private:
    static bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

    bool sees(std::string_view text) const { return source_.substr(at_).starts_with(text); }

    void step()
    {
        const char c = source_[at_];
        if (is_space(c))
            advance(1);
        else if (sees("//"))
            skip_line();
        else if (sees("/*"))
            advance(std::min(source_.find("*/", at_), source_.size() - 2) + 2 - at_);
        else if (c == '#' && begins_line())
            skip_line();
        else
            take();
    }

    bool begins_line() const
    {
        usize before = at_;
        while (before > 0 && source_[before - 1] == ' ')
            --before;
        return before == 0 || source_[before - 1] == '\n';
    }

    // A backslash at its end continues it.
    void skip_line()
    {
        while (at_ < source_.size() && source_[at_] != '\n')
            advance(source_[at_] == '\\' && at_ + 1 < source_.size() ? 2 : 1);
    }

    void advance(usize count)
    {
        const std::string_view passed = source_.substr(at_, count);
        line_ += static_cast<u32>(std::count(passed.begin(), passed.end(), '\n'));
        at_ += count;
    }

    void take()
    {
        const char c = source_[at_];
        if (sees("R\"("))
            add(TokenKind::string, source_.find(")\"", at_) + 2 - at_);
        else if (c == '"' || c == '\'')
            add(c == '"' ? TokenKind::string : TokenKind::character, quoted_size(c));
        else if (std::isdigit(static_cast<unsigned char>(c)) != 0)
            add(TokenKind::number, run_of([](char digit) { return is_word(digit) || digit == '\'' || digit == '.'; }));
        else if (is_word(c))
            add(TokenKind::word, run_of(is_word));
        else
            add(TokenKind::punctuation, punctuation_size());
    }

    usize quoted_size(char quote) const
    {
        usize end = at_ + 1;
        while (end < source_.size() && source_[end] != quote)
            end += source_[end] == '\\' ? 2 : 1;
        return end + 1 - at_;
    }

    template <typename Predicate>
    usize run_of(Predicate&& belongs) const
    {
        return static_cast<usize>(std::find_if_not(source_.begin() + static_cast<std::ptrdiff_t>(at_), source_.end(), belongs) - source_.begin()) - at_;
    }

    usize punctuation_size() const
    {
        const auto found = std::find_if(long_punctuation.begin(), long_punctuation.end(), [&](std::string_view text) { return sees(text); });
        return found != long_punctuation.end() ? found->size() : 1;
    }

    void add(TokenKind kind, usize size)
    {
        tokens_.push_back({kind, source_.substr(at_, size), at_, line_, at_ == 0 || is_space(source_[at_ - 1])});
        advance(size);
    }

    std::string_view source_;
    usize at_ = 0;
    u32 line_ = 1;
    std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source)
{
    return Tokenizer(source).run();
}

}  // namespace tenon::mutate
