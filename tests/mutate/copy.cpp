#include "tests/mutate/copy.h"

#include <algorithm>
#include <map>

namespace tenon::mutate {
namespace {

// What is written around tokens and in place of some.
class Edits {
public:
    void replace(usize token, std::string text) { replaced_[token] = std::move(text); }

    void wrap(usize first, usize last, std::string before, std::string behind)
    {
        wraps_.push_back({first, last, std::move(before), std::move(behind)});
    }

    std::string apply(std::string_view source, const std::vector<Token>& tokens)
    {
        std::map<usize, std::vector<const Wrap*>> starting;
        std::map<usize, std::vector<const Wrap*>> ending;
        for (const Wrap& wrap : wraps_) {
            starting[wrap.first].push_back(&wrap);
            ending[wrap.last].insert(ending[wrap.last].begin(), &wrap);
        }
        std::string text;
        usize at = 0;
        for (usize index = 0; index < tokens.size(); ++index) {
            const Token& token = tokens[index];
            text += source.substr(at, token.offset - at);
            // The widest opens first and closes last.
            std::stable_sort(starting[index].begin(), starting[index].end(), [](const Wrap* a, const Wrap* b) { return a->last > b->last; });
            for (const Wrap* const wrap : starting[index])
                text += wrap->before;
            const auto replaced = replaced_.find(index);
            text += replaced != replaced_.end() ? std::string_view(replaced->second) : token.text;
            std::stable_sort(ending[index].begin(), ending[index].end(), [](const Wrap* a, const Wrap* b) { return a->first > b->first; });
            for (const Wrap* const wrap : ending[index])
                text += wrap->behind;
            at = token.end();
        }
        text += source.substr(at);
        return text;
    }

private:
    struct Wrap {
        usize first, last;
        std::string before, behind;
    };

    std::map<usize, std::string> replaced_;
    std::vector<Wrap> wraps_;
};

std::string_view name_of(std::string_view sign)
{
    static const std::map<std::string_view, std::string_view> names = {
        {"<", "less"}, {"<=", "less_equal"}, {">", "greater"}, {">=", "greater_equal"}, {"==", "equal"}, {"!=", "not_equal"}, {"+", "sum"},
        {"-", "difference"}, {"*", "product"}, {"/", "quotient"}, {"%", "remainder"}, {"<<", "left_shift"}, {">>", "right_shift"}, {"&", "bit_and"},
        {"|", "bit_or"}, {"^", "bit_xor"}, {"+=", "assign_sum"}, {"-=", "assign_difference"}, {"&=", "assign_and"}, {"|=", "assign_or"}};
    return names.at(sign);
}

constexpr std::string_view room = "::tenon::mutant::";

std::string qualified(std::string_view name)
{
    return std::string(room).append(name);
}

// `At<7, less, less_equal>{}` and the like, in parentheses: a macro must not see the commas.
std::string switch_of(const Point& point)
{
    std::string text = "(" + qualified("At<") + std::to_string(point.number) + ", " + qualified(name_of(point.from));
    for (const std::string& sign : point.to)
        text += ", " + qualified(name_of(sign));
    return text + ">{})";
}

std::string pick_of(const Point& point)
{
    std::string text = "(" + qualified("pick<") + std::to_string(point.number) + ">(" + point.from;
    for (const std::string& value : point.to)
        text += ", " + value;
    return text + "))";
}

void make_switchable(const Point& point, Edits& edits)
{
    const std::string number = std::to_string(point.number);
    const std::string on = qualified("on<") + number + ">()";
    const std::string truth = "((static_cast<bool>(";
    const std::string turned = ") != " + on + "))";
    switch (point.kind) {
    case PointKind::constant: edits.replace(point.token, pick_of(point)); break;
    case PointKind::binary:
    case PointKind::assignment: edits.replace(point.token, point.from + " " + switch_of(point) + " " + point.from); break;
    case PointKind::unary: {
        const std::string_view name = point.from == "!" ? "inversion" : point.from == "~" ? "complement" : "negation";
        edits.replace(point.token, "(" + qualified("Unary<") + number + ", " + qualified(name) + ">{})->*");
        break;
    }
    case PointKind::logic:  // by De Morgan: both operands and the result turned round
        edits.wrap(point.first, point.last, "((", ") != " + on + ")");
        edits.wrap(point.first, point.token - 1, truth, turned);
        edits.wrap(point.token + 1, point.last, truth, turned);
        break;
    case PointKind::condition: edits.wrap(point.first, point.last, truth, turned); break;
    case PointKind::statement: edits.wrap(point.first, point.last, "if (" + on + ") {} else ", ""); break;
    }
}

void change(const Point& point, usize index, Edits& edits)
{
    switch (point.kind) {
    case PointKind::constant:
    case PointKind::binary:
    case PointKind::assignment: edits.replace(point.token, point.to[index]); break;
    case PointKind::unary: edits.replace(point.token, ""); break;
    case PointKind::logic:
        edits.wrap(point.first, point.last, "(", ")");
        edits.replace(point.token, point.to[index]);
        break;
    case PointKind::condition: edits.wrap(point.first, point.last, "!(", ")"); break;
    case PointKind::statement: edits.wrap(point.first, point.last, "if (true) {} else ", ""); break;
    }
}

}  // namespace

std::string switchable_copy(std::string_view source, const std::vector<Token>& tokens, const std::vector<Point>& points)
{
    Edits edits;
    for (const Point& point : points)
        if (!point.is_fixed)
            make_switchable(point, edits);
    return edits.apply(source, tokens);
}

std::string changed_copy(std::string_view source, const std::vector<Token>& tokens, const Point& point, usize index)
{
    Edits edits;
    change(point, index, edits);
    return edits.apply(source, tokens);
}

std::string describe(std::string_view source, const std::vector<Token>& tokens, const Point& point, usize index)
{
    const Token& token = tokens[point.token];
    const usize begin = source.rfind('\n', token.offset) + 1;
    const usize first = source.find_first_not_of(' ', begin);
    const usize end = std::min(source.find('\n', token.offset), source.size());
    std::string change = "{" + (point.kind == PointKind::condition || point.kind == PointKind::statement ? std::string() : point.from);
    if (!point.to[index].starts_with("("))
        change += " -> ";
    else if (change.size() > 1)
        change += " ";
    change += point.to[index] + "}";
    const bool before = point.kind == PointKind::condition || point.kind == PointKind::statement;
    return std::string(source.substr(first, token.offset - first)) + change + (before ? " " : "") +
           std::string(source.substr(before ? token.offset : token.end(), end - (before ? token.offset : token.end())));
}

}  // namespace tenon::mutate
