#include "tests/mutate/scopes.h"

namespace tenon::mutate {
namespace {

bool opens(const Token& token)
{
    return token.is("(") || token.is("[") || token.is("{");
}

bool closes(const Token& token)
{
    return token.is(")") || token.is("]") || token.is("}");
}

class Walker {
public:
    explicit Walker(const std::vector<Token>& tokens) : tokens_(tokens)
    {
        scopes_.partner.assign(tokens.size(), nowhere);
        scopes_.in_function.assign(tokens.size(), false);
        scopes_.may_be_constant.assign(tokens.size(), false);
        scopes_.for_compiler.assign(tokens.size(), false);
        scopes_.begins_statement.assign(tokens.size(), false);
    }

    Scopes run()
    {
        pair_brackets();
        Level level{false, true, false, 0};
        for (usize index = 0; index < tokens_.size(); ++index) {
            const Token& token = tokens_[index];
            if (token.is("constexpr") || token.is("static_assert") || token.is("case"))
                level.statement_constant = level.for_compiler = true;
            scopes_.in_function[index] = level.function;
            scopes_.may_be_constant[index] = level.constant || level.statement_constant;
            scopes_.for_compiler[index] = scopes_.may_be_constant[index] && (level.table || level.for_compiler || !level.function);
            if (level.function && index == level.statement && !token.is("}"))
                scopes_.begins_statement[index] = true;
            level.parentheses += token.is("(") ? 1 : token.is(")") ? -1 : 0;
            if (token.is("{"))
                enter(index, level);
            else if (token.is("}"))
                leave(index, level);
            else if ((token.is(";") && level.parentheses == 0) || (token.is(":") && ends_label(index)))
                next_statement(index, level);
            else if ((token.is(")") && ends_head(index)) || token.is("else")) {
                level.statement = index + 1;
                level.for_compiler = false;
            }
        }
        return std::move(scopes_);
    }

private:
    struct Level {
        bool function;  // statements stand here
        bool constant;
        bool statement_constant;
        usize statement;  // where the current one began
        bool is_block = true;
        int parentheses = 0;  // that are open
        bool table = false;   // the compiler alone evaluates what stands here: elements, or the body of a lambda that makes a constexpr variable
        bool for_compiler = false;  // and so the current statement, up to its block
    };

    void pair_brackets()
    {
        std::vector<usize> open;
        for (usize index = 0; index < tokens_.size(); ++index)
            if (opens(tokens_[index])) {
                open.push_back(index);
            } else if (closes(tokens_[index]) && !open.empty()) {
                scopes_.partner[index] = open.back();
                scopes_.partner[open.back()] = index;
                open.pop_back();
            }
    }

    static void next_statement(usize index, Level& level)
    {
        level.statement = index + 1;
        level.statement_constant = false;
        level.for_compiler = false;
    }

    bool ends_label(usize index) const
    {
        for (usize at = index; at-- > 0 && !tokens_[at].is(";") && !tokens_[at].is("{") && !tokens_[at].is("}");)
            if (tokens_[at].is("case") || tokens_[at].is("default") || tokens_[at].is("?"))
                return !tokens_[at].is("?");
        return false;
    }

    // The parenthesis behind if, for and while.
    bool ends_head(usize index) const
    {
        const usize open = scopes_.partner[index];
        if (open == nowhere || open == 0)
            return false;
        const Token& before = tokens_[open - 1];
        return before.is("if") || before.is("for") || before.is("while") || (before.is("constexpr") && open > 1 && tokens_[open - 2].is("if"));
    }

    // What a brace opens is told by the words before it, back to the end of the statement before.
    void enter(usize index, Level& level)
    {
        bool type = false;
        bool room = false;
        bool round = false;
        for (usize at = index; at-- > 0 && !tokens_[at].is(";") && !tokens_[at].is("{") && !tokens_[at].is("}");) {
            if (tokens_[at].is(")") && scopes_.partner[at] != nowhere) {
                round = true;
                at = scopes_.partner[at];
            }
            type |= tokens_[at].is("class") || tokens_[at].is("struct") || tokens_[at].is("enum");
            room |= tokens_[at].is("namespace");
        }
        levels_.push_back(level);
        const bool constant = level.function ? level.constant || level.statement_constant : level.statement_constant;
        const Token& before = tokens_[index == 0 ? 0 : index - 1];
        const bool lambda = before.is("]") && lambda_without_parameters(index);
        const bool table = level.table || (lambda && !level.function && constant);
        const bool block = before.is(")") || before.is("else") || before.is("const") || before.is("override") || before.is("final") ||
                           before.is(":") || before.is(";") || before.is("{") || before.is("}") || lambda ||
                           (round && !level.function) || returns_type(index);
        if (room || (type && !round))
            level = {false, true, false, index + 1};
        else if (block)
            level = {true, constant, false, index + 1, true, 0, table};
        else
            level = {level.function, level.constant || level.statement_constant, false, nowhere, false, 0, level.table || level.for_compiler};
    }

    bool lambda_without_parameters(usize index) const
    {
        const usize open = scopes_.partner[index - 1];
        return open != nowhere && open > 0 && (tokens_[open - 1].kind == TokenKind::punctuation && !tokens_[open - 1].is(")"));
    }

    // `-> Result<> {`
    bool returns_type(usize index) const
    {
        for (usize at = index; at-- > 0 && index - at < 12 && !tokens_[at].is(";") && !tokens_[at].is(")");)
            if (tokens_[at].is("->"))
                return at > 0 && tokens_[at - 1].is(")");
        return false;
    }

    void leave(usize index, Level& level)
    {
        if (levels_.empty())
            return;
        const bool block = level.is_block;
        level = levels_.back();
        levels_.pop_back();
        // A brace that ends a block ends the statement, unless it was that of a lambda within one.
        const bool goes_on = index + 1 < tokens_.size() && (tokens_[index + 1].is(")") || tokens_[index + 1].is(",") || tokens_[index + 1].is(";") ||
                                                            tokens_[index + 1].is("("));
        if (block && !goes_on)
            next_statement(index, level);
    }

    const std::vector<Token>& tokens_;
    Scopes scopes_;
    std::vector<Level> levels_;
};

}  // namespace

Scopes find_scopes(const std::vector<Token>& tokens)
{
    return Walker(tokens).run();
}

}  // namespace tenon::mutate
