#pragma once

#include <cstdlib>
#include <type_traits>
#include <utility>

// What stands in a mutated copy of a source in place of an operator, a constant or a condition: it does what the original does, or what
// the mutant does that was chosen when the program began. Where the compiler evaluates, it is always the original.

namespace tenon::mutant {

inline constexpr unsigned limit = 16384;

// The mutant that is at work; 0: none.
extern unsigned active;

// What has become of each mutant's place since the beginning.
enum class Reach : unsigned char { never, passed, senseless };
extern Reach reached[limit];

// Which of `count` mutants from number `first` on is at work, from 1; 0: none of them.
template <unsigned first, unsigned count>
constexpr unsigned chosen()
{
    static_assert(first + count <= limit);
    if consteval {
        return 0;
    } else {
        for (unsigned index = 0; index < count; ++index)
            if (reached[first + index] == Reach::never)
                reached[first + index] = Reach::passed;
        return active - first < count ? active - first + 1 : 0;
    }
}

// For statements that are left out and conditions that are turned round.
template <unsigned number>
constexpr bool on()
{
    return chosen<number, 1>() != 0;
}

template <unsigned first, typename T, typename... Others>
constexpr T pick(T original, Others... others)
{
    const T all[] = {original, static_cast<T>(others)...};
    return all[chosen<first, sizeof...(others)>()];
}

// A mutant that the types do not admit: an address and an address are not added.
template <unsigned number>
constexpr void senseless()
{
    if !consteval {
        reached[number] = Reach::senseless;
    }
}

template <typename Result, unsigned number, typename Operation, typename... Others>
constexpr Result other(unsigned which, auto& left, auto& right)
{
    if constexpr (requires { static_cast<Result>(Operation::apply(left, right)); }) {
        if (which == 1)
            return static_cast<Result>(Operation::apply(left, right));
    } else {
        senseless<number>();
    }
    if constexpr (sizeof...(Others) != 0)
        return other<Result, number + 1, Others...>(which - 1, left, right);
    else
        std::abort();
}

template <typename Result, unsigned number, typename Operation, typename... Others>
constexpr void note_senseless(auto& left, auto& right)
{
    if constexpr (!requires { static_cast<Result>(Operation::apply(left, right)); })
        senseless<number>();
    if constexpr (sizeof...(Others) != 0)
        note_senseless<Result, number + 1, Others...>(left, right);
}

// `a < b` becomes `a < At<7, less, less_equal>{} < b`: the same operator twice keeps what belongs together in the expression.
template <unsigned first, typename Original, typename... Others>
struct At {
    template <typename Left, typename Right>
    static constexpr auto apply(Left& left, Right& right) -> decltype(Original::apply(left, right))
    {
        using Result = decltype(Original::apply(left, right));
        note_senseless<Result, first, Others...>(left, right);
        unsigned which = chosen<first, sizeof...(Others)>();  // were it const, the compiler would evaluate it
        return which == 0 ? Original::apply(left, right) : other<Result, first, Others...>(which, left, right);
    }
};

template <typename Operand, typename Tag>
struct Half {
    Operand& operand;
};

#define TENON_MUTANT_SIGN(name, sign)                                                               \
    struct name {                                                                                   \
        static constexpr auto apply(auto& left, auto& right) -> decltype(left sign right)           \
        {                                                                                           \
            return left sign right;                                                                 \
        }                                                                                           \
    };

#define TENON_MUTANT_BINARY(name, sign)                                                             \
    TENON_MUTANT_SIGN(name, sign)                                                                   \
    template <typename Left, unsigned first, typename... Others>                                    \
    constexpr Half<std::remove_reference_t<Left>, At<first, name, Others...>> operator sign(Left&& left, At<first, name, Others...>) \
    {                                                                                               \
        return {left};                                                                              \
    }                                                                                               \
    template <typename Left, typename Right, unsigned first, typename... Others>                    \
    constexpr auto operator sign(Half<Left, At<first, name, Others...>> half, Right&& right)        \
    {                                                                                               \
        return At<first, name, Others...>::apply(half.operand, right);                              \
    }

// `a += b` becomes `a += At<7, assign_sum, assign_difference>{} += b`, which groups to the right.
#define TENON_MUTANT_ASSIGNMENT(name, sign)                                                         \
    TENON_MUTANT_SIGN(name, sign)                                                                   \
    template <typename Right, unsigned first, typename... Others>                                   \
    constexpr Half<std::remove_reference_t<Right>, At<first, name, Others...>> operator sign(At<first, name, Others...>, Right&& right) \
    {                                                                                               \
        return {right};                                                                             \
    }                                                                                               \
    template <typename Left, typename Right, unsigned first, typename... Others>                    \
    constexpr Left& operator sign(Left& left, Half<Right, At<first, name, Others...>> half)         \
    {                                                                                               \
        At<first, name, Others...>::apply(left, half.operand);                                      \
        return left;                                                                                \
    }

TENON_MUTANT_BINARY(less, <)
TENON_MUTANT_BINARY(less_equal, <=)
TENON_MUTANT_BINARY(greater, >)
TENON_MUTANT_BINARY(greater_equal, >=)
TENON_MUTANT_BINARY(equal, ==)
TENON_MUTANT_BINARY(not_equal, !=)
TENON_MUTANT_BINARY(sum, +)
TENON_MUTANT_BINARY(difference, -)
TENON_MUTANT_BINARY(product, *)
TENON_MUTANT_BINARY(quotient, /)
TENON_MUTANT_BINARY(remainder, %)
TENON_MUTANT_BINARY(left_shift, <<)
TENON_MUTANT_BINARY(right_shift, >>)
TENON_MUTANT_BINARY(bit_and, &)
TENON_MUTANT_BINARY(bit_or, |)
TENON_MUTANT_BINARY(bit_xor, ^)
TENON_MUTANT_ASSIGNMENT(assign_sum, +=)
TENON_MUTANT_ASSIGNMENT(assign_difference, -=)
TENON_MUTANT_ASSIGNMENT(assign_and, &=)
TENON_MUTANT_ASSIGNMENT(assign_or, |=)

#undef TENON_MUTANT_SIGN
#undef TENON_MUTANT_BINARY
#undef TENON_MUTANT_ASSIGNMENT

// `~a` becomes `Unary<7, complement>{}->*a`: no binary operator binds closer.
template <unsigned number, typename Original>
struct Unary {};

struct complement {
    static constexpr auto apply(auto& operand) { return ~operand; }
    static constexpr auto leave(auto& operand) { return +operand; }
};
struct negation {
    static constexpr auto apply(auto& operand) { return -operand; }
    static constexpr auto leave(auto& operand) { return +operand; }
};
struct inversion {
    static constexpr bool apply(auto& operand) { return !operand; }
    static constexpr bool leave(auto& operand) { return static_cast<bool>(operand); }
};

template <unsigned number, typename Original, typename Operand>
constexpr auto operator->*(Unary<number, Original>, Operand&& operand)
{
    return on<number>() ? Original::leave(operand) : Original::apply(operand);
}

}  // namespace tenon::mutant
