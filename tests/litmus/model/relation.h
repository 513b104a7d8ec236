#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace litmus {

// A binary relation over at most 64 events, as a matrix of bits.
class Relation {
public:
    static constexpr std::size_t limit = 64;

    void add(std::size_t from, std::size_t to) { rows_[from] |= std::uint64_t{1} << to; }
    bool has(std::size_t from, std::size_t to) const { return (rows_[from] >> to & 1) != 0; }

    Relation operator|(const Relation& other) const
    {
        Relation result = *this;
        for (std::size_t i = 0; i < limit; ++i)
            result.rows_[i] |= other.rows_[i];
        return result;
    }

    // First this relation, then the other one.
    Relation then(const Relation& other) const
    {
        Relation result;
        for (std::size_t i = 0; i < limit; ++i)
            for (std::uint64_t rest = rows_[i]; rest != 0; rest &= rest - 1)
                result.rows_[i] |= other.rows_[static_cast<std::size_t>(__builtin_ctzll(rest))];
        return result;
    }

    // What is reached in one step or more.
    Relation transitive() const
    {
        Relation result = *this;
        for (std::size_t middle = 0; middle < limit; ++middle)
            for (std::size_t i = 0; i < limit; ++i)
                if (result.has(i, middle))
                    result.rows_[i] |= result.rows_[middle];
        return result;
    }

    bool is_irreflexive() const
    {
        for (std::size_t i = 0; i < limit; ++i)
            if (has(i, i))
                return false;
        return true;
    }

    bool is_acyclic() const { return transitive().is_irreflexive(); }

private:
    std::array<std::uint64_t, limit> rows_{};
};

}  // namespace litmus
