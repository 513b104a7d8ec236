#include "tests/mutate/points.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <span>
#include <optional>
#include <utility>

#include "tests/mutate/scopes.h"

namespace tenon::mutate {
namespace {

struct Neighbours {
    std::string_view from;
    std::array<std::string_view, 2> to;  // the second may be empty
};

constexpr Neighbours binary_neighbours[] = {
    {"<", {"<=", ">="}}, {"<=", {"<", ">"}}, {">", {">=", "<="}}, {">=", {">", "<"}}, {"==", {"!=", ""}}, {"!=", {"==", ""}}, {"+", {"-", ""}},
    {"-", {"+", ""}},    {"*", {"+", ""}},   {"/", {"*", ""}},    {"%", {"/", ""}},   {"<<", {">>", ""}}, {">>", {"<<", ""}}, {"&", {"|", ""}},
    {"|", {"&", ""}},    {"^", {"|", ""}},
};
constexpr Neighbours assignment_neighbours[] = {{"+=", {"-=", ""}}, {"-=", {"+=", ""}}, {"|=", {"&=", ""}}, {"&=", {"|=", ""}}};

const Neighbours* find(std::span<const Neighbours> table, std::string_view from)
{
    const auto found = std::find_if(table.begin(), table.end(), [&](const Neighbours& entry) { return entry.from == from; });
    return found != table.end() ? &*found : nullptr;
}

struct Literal {
    u64 value;
    bool hexadecimal;
    std::string suffix;
};

std::optional<Literal> parse_number(std::string_view text)
{
    std::string digits(text);
    std::erase(digits, '\'');
    const bool hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
    const usize prefix = hexadecimal ? 2 : 0;
    Literal literal{0, hexadecimal, {}};
    const auto parsed = std::from_chars(digits.data() + prefix, digits.data() + digits.size(), literal.value, hexadecimal ? 16 : 10);
    if (parsed.ec != std::errc())
        return std::nullopt;
    literal.suffix = digits.substr(static_cast<usize>(parsed.ptr - digits.data()));
    return literal.suffix.find_first_not_of("uUlL") == std::string::npos ? std::optional(literal) : std::nullopt;
}

std::string spell(const Literal& like, u64 value)
{
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof(digits), value, like.hexadecimal ? 16 : 10).ptr;
    return (like.hexadecimal ? "0x" : "") + std::string(digits, end) + like.suffix;
}

// A number is one larger and one smaller. A pattern of bits also loses its highest one and its lowest, and gets one above the highest.
std::vector<std::string> other_numbers(const Literal& literal)
{
    std::vector<u64> values;
    const auto add = [&](u64 value) {
        if (value != literal.value && std::find(values.begin(), values.end(), value) == values.end())
            values.push_back(value);
    };
    add(literal.value + 1);
    if (literal.value != 0)
        add(literal.value - 1);
    if (literal.hexadecimal && literal.value != 0) {
        const u64 highest = std::bit_floor(literal.value);
        add(literal.value & ~highest);
        add(literal.value & (literal.value - 1));
        // Above a whole byte or word there is nothing that could have a bit.
        if ((std::bit_width(literal.value) & 7) != 0)
            add(literal.value | highest << 1);
    }
    std::vector<std::string> spelled;
    for (const u64 value : values)
        spelled.push_back(spell(literal, value));
    return spelled;
}

class Finder {
public:
    Finder(const std::vector<Token>& tokens, u32& number) : tokens_(tokens), scopes_(find_scopes(tokens)), number_(number) {}

    std::vector<Point> run()
    {
        for (at_ = 0; at_ < tokens_.size(); ++at_)
            visit(tokens_[at_]);
        return std::move(points_);
    }

private:
    void visit(const Token& token)
    {
        if (scopes_.begins_statement[at_])
            statement();
        if (token.kind == TokenKind::number || token.kind == TokenKind::character || token.is("true") || token.is("false"))
            literal(token);
        if (token.kind == TokenKind::word && (token.is("if") || token.is("while")))
            head();
        if (token.kind != TokenKind::punctuation)
            return;
        const bool between = token.spaced_before && token.spaced_after && !follows("operator");
        if (between && (token.is("&&") || token.is("||")))
            logic(token);
        else if (const Neighbours* const entry = between ? find(binary_neighbours, token.text) : nullptr)
            add(PointKind::binary, at_, at_, entry->to);
        else if (const Neighbours* const compound = between ? find(assignment_neighbours, token.text) : nullptr)
            add(PointKind::assignment, at_, at_, compound->to);
        else if (between && token.is("?"))
            condition(leftmost(at_, false), at_ - 1);
        else if ((token.is("!") || token.is("~") || token.is("-")) && begins_operand())
            add(PointKind::unary, at_, at_, std::array<std::string_view, 1>{"(left out)"});
    }

    bool follows(std::string_view text) const { return at_ > 0 && tokens_[at_ - 1].is(text); }

    Point& add(PointKind kind, usize first, usize last, auto&& to)
    {
        Point point{kind, at_, first, last, std::string(tokens_[at_].text), {}};
        for (const auto& text : to)
            if (!text.empty())
                point.to.emplace_back(text);
        point.line = tokens_[at_].line;
        point.number = number_;
        point.may_be_constant = scopes_.may_be_constant[at_] || (follows("<") && !tokens_[at_ - 1].spaced_after);  // also a template's argument
        number_ += static_cast<u32>(point.to.size());
        return points_.emplace_back(std::move(point));
    }

    void literal(const Token& token)
    {
        std::vector<std::string> others;
        if (token.is("true") || token.is("false"))
            others.push_back(token.is("true") ? "false" : "true");
        else if (token.kind == TokenKind::character)
            others.push_back("static_cast<char>(" + std::string(token.text) + " + 1)");
        else if (const std::optional<Literal> parsed = parse_number(token.text); parsed && !is_pure_specifier())
            others = other_numbers(*parsed);
        // What the compiler alone evaluates costs a compilation for each: one change must do.
        if (!others.empty() && scopes_.for_compiler[at_])
            others.resize(1);
        if (!others.empty())
            add(PointKind::constant, at_, at_, others);
    }

    // `virtual void f() = 0;`
    bool is_pure_specifier() const
    {
        return at_ > 1 && follows("=") && (tokens_[at_ - 2].is(")") || tokens_[at_ - 2].is("const")) && tokens_[at_ + 1].is(";");
    }

    // Whether an operator has an operand behind it and none before.
    bool begins_operand() const
    {
        const Token& token = tokens_[at_];
        if (token.spaced_after || at_ == 0 || (token.is("~") && !scopes_.in_function[at_]))
            return false;
        const Token& before = tokens_[at_ - 1];
        return token.is("!") || before.is("return") || (before.kind == TokenKind::punctuation && !before.is(")") && !before.is("]") && !before.is("}"));
    }

    static bool ends_operand(const Token& token, bool at_or)
    {
        constexpr std::string_view ends[] = {";", ",", "=", "?", ":", "+=", "-=", "|=", "&=", "{", "return"};
        return std::find(std::begin(ends), std::end(ends), token.text) != std::end(ends) || (at_or && token.is("||"));
    }

    // The first token of the operand that ends before `index`.
    usize leftmost(usize index, bool at_or) const
    {
        usize first = index;
        while (first > 0) {
            const usize before = first - 1;
            const Token& token = tokens_[before];
            if (token.is(")") || token.is("]") || token.is("}")) {
                const usize open = scopes_.partner[before];
                if (open == nowhere || is_head(open) || (token.is("}") && is_block(open)))
                    return first;
                first = open;
            } else if (token.is("(") || token.is("[") || ends_operand(token, at_or)) {
                return first;
            } else {
                first = before;
            }
        }
        return first;
    }

    // The last token of the operand that begins behind `index`.
    usize rightmost(usize index, bool at_and) const
    {
        usize last = index;
        while (last + 1 < tokens_.size()) {
            const usize next = last + 1;
            const Token& token = tokens_[next];
            if ((token.is("(") || token.is("[") || token.is("{")) && scopes_.partner[next] != nowhere)
                last = scopes_.partner[next];
            else if (token.is(")") || token.is("]") || token.is("}") || token.is("||") || (at_and && token.is("&&")) || ends_operand(token, false))
                return last;
            else
                last = next;
        }
        return last;
    }

    bool is_head(usize open) const
    {
        return open > 0 && (tokens_[open - 1].is("if") || tokens_[open - 1].is("while") || tokens_[open - 1].is("for") || tokens_[open - 1].is("switch") ||
                            tokens_[open - 1].is("constexpr"));
    }

    bool is_block(usize open) const
    {
        return open == 0 || (tokens_[open - 1].kind != TokenKind::word && !tokens_[open - 1].is(">"));
    }

    void logic(const Token& token)
    {
        const bool conjunction = token.is("&&");
        const usize first = leftmost(at_, conjunction);
        const usize last = rightmost(at_, conjunction);
        if (first >= at_ || last <= at_)
            return;
        add(PointKind::logic, first, last, std::array<std::string_view, 1>{conjunction ? "||" : "&&"});
        condition(first, at_ - 1);
        condition(at_ + 1, last);
    }

    // The condition of an if or a while; what declares a variable is none.
    void head()
    {
        usize open = at_ + 1;
        if (tokens_[open].is("constexpr"))
            ++open;
        if (!tokens_[open].is("(") || scopes_.partner[open] == nowhere)
            return;
        usize first = open + 1;
        const usize last = scopes_.partner[open] - 1;
        for (usize index = first; index <= last; index = next(index))
            if (tokens_[index].is(";"))
                first = index + 1;
        condition(first, last);
    }

    usize next(usize index) const
    {
        const usize partner = scopes_.partner[index];
        return partner != nowhere && partner > index ? partner + 1 : index + 1;
    }

    // Where a comparison or a negation stands on top, the change of its operator is the same.
    void condition(usize first, usize last)
    {
        if (first > last || tokens_[first].is("!"))
            return;
        for (usize index = first; index <= last; index = next(index)) {
            const Token& token = tokens_[index];
            const bool between = token.spaced_before && token.spaced_after;
            if (token.is("=") || token.is("&&") || token.is("||") || token.is("?") || token.is(":") || token.is("==") || token.is("!=") ||
                token.is("<=") || token.is(">=") || (between && (token.is("<") || token.is(">"))))
                return;
        }
        const usize mark = std::exchange(at_, first);
        add(PointKind::condition, first, last, std::array<std::string_view, 1>{"(turned round)"});
        at_ = mark;
    }

    // An expression that stands for its effect alone. What declares something has two words or a word and a template behind each other.
    void statement()
    {
        if (tokens_[at_].kind != TokenKind::word || scopes_.may_be_constant[at_])
            return;
        constexpr std::string_view others[] = {"return", "if", "for", "while", "do", "switch", "case", "default", "break", "continue", "else", "using",
                                               "const", "constexpr", "static", "auto", "friend", "struct", "class", "enum", "goto", "public", "private",
                                               "protected", "template", "explicit", "virtual", "namespace", "inline", "constinit", "static_assert",
                                               "unsigned", "int", "bool", "char", "void", "long"};
        if (std::find(std::begin(others), std::end(others), tokens_[at_].text) != std::end(others))
            return;
        bool has_effect = false;
        usize last = at_;
        for (usize index = at_; index < tokens_.size() && !tokens_[index].is(";"); index = next(index)) {
            const Token& token = tokens_[index];
            if (token.is("{") || token.is("}"))
                return;
            if (index > at_ && !has_effect && token.kind == TokenKind::word && declares(index))
                return;
            has_effect |= token.is("(") || token.is("=") || token.is("|=") || token.is("+=") || token.is("-=") || token.is("&=");
            last = next(index) - 1;
        }
        if (has_effect && tokens_[last + 1].is(";"))
            add(PointKind::statement, at_, last + 1, std::array<std::string_view, 1>{"(left out)"});
    }

    bool declares(usize index) const
    {
        const Token& before = tokens_[index - 1];
        return before.kind == TokenKind::word || before.is(">") || ((before.is("&") || before.is("*")) && !before.spaced_before);
    }

    const std::vector<Token>& tokens_;
    const Scopes scopes_;
    u32& number_;
    usize at_ = 0;
    std::vector<Point> points_;
};

}  // namespace

std::vector<Point> find_points(const std::vector<Token>& tokens, u32& number)
{
    return Finder(tokens, number).run();
}

}  // namespace tenon::mutate
