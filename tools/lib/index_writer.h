#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/lib/types.h"

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

    // The whole file. Once.
    std::string build();

private:
    struct Entry {
        std::string_view key;
        std::string_view value;
        u32 priority;
        u32 order;
    };

    u32 write_node(std::size_t begin, std::size_t end, std::size_t depth);
    void write_values(std::size_t begin, std::size_t end);
    void append_number(u32 value);

    std::vector<Entry> entries_;
    std::vector<std::string_view> left_out_;
    std::vector<Duplicate> duplicates_;
    std::string out_;
};

}  // namespace tenon::tools
