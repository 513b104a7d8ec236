#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "tools/lib/index_format.h"

namespace tenon::tools {

// Builds a binary index (tools/lib/index_format.h). The bytes are the same as kmod's: nodes stand after their children, and of
// values with one key and one priority the one added last stands first. Keys and values must live until build(). A key with a
// character above 127 cannot be stored.
class IndexWriter {
public:
    void reserve(std::size_t count) { entries_.reserve(count); }
    void add(std::string_view key, std::string_view value, u32 priority);

    // The keys that could not be stored.
    const std::vector<std::string_view>& left_out() const { return left_out_; }

    struct Duplicate {
        std::string_view key;
        std::string_view value;
    };
    // Pairs of key and value that were added more than once, once per repetition. After build().
    const std::vector<Duplicate>& duplicates() const { return duplicates_; }

    // The whole file. Once. `Errno::fbig` for more than references reach, 256 MiB.
    Result<std::string> build();

private:
    struct Entry {
        std::string_view key;
        std::string_view value;
        u32 priority;
        u32 order;
    };

    struct Node {
        std::size_t begin;         // its entries, and those below it
        std::size_t end;
        std::string_view prefix{};
        std::size_t below = 0;     // how many characters lead to its children
        std::size_t children = 0;  // entries that are longer than that begin here
        std::size_t next = 0;      // those whose child is not written yet begin here
        std::array<u32, index_format::largest_character + 1> references{};
    };

    Node open_node(std::size_t begin, std::size_t end, std::size_t depth) const;
    u32 write_nodes();
    u32 close_node(const Node& node);
    void write_values(std::size_t begin, std::size_t end);
    void append_number(u32 value);

    std::vector<Entry> entries_;
    std::vector<std::string_view> left_out_;
    std::vector<Duplicate> duplicates_;
    std::string out_;
};

}  // namespace tenon::tools
