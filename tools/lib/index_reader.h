#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "tools/lib/paged_file.h"

namespace tenon::tools {

struct IndexValue {
    u32 priority;
    std::string_view text;  // lives as long as the reader
};

// Looks keys up in a binary index (tools/lib/index_format.h) in a file or in memory. Every offset and count is checked
// as it is followed: in a damaged index keys are missing, nothing worse. Not thread safe.
class IndexReader {
public:
    // `Errno::inval` for a file that is no index or has another major version. An empty file is an index without keys: kmod leaves one
    // where there was nothing to index.
    static Result<IndexReader> open_at(int folder, const std::string& name);
    // `bytes` must outlive the reader.
    static Result<IndexReader> over(std::span<const std::byte> bytes);

    // The first value of exactly this key.
    std::optional<IndexValue> find(std::string_view key) const;

    // The values of all keys that, taken as wildcards, match `name`; by priority, least first.
    std::vector<IndexValue> find_matching(const std::string& name) const;

    // Visits all pairs in key order.
    using Visitor = std::function<void(const std::string& key, const IndexValue& value)>;
    void for_each(const Visitor& visit) const;

private:
    struct Node;
    struct Match;
    class Fuel;

    IndexReader() = default;
    Result<> read_header();
    std::optional<Node> node_at(u32 reference) const;
    std::optional<Node> child_of(const Node& node, u8 character) const;
    bool is_there(std::size_t offset, std::size_t size) const;
    std::optional<u32> load(std::size_t offset) const;
    std::optional<std::string_view> string_at(std::size_t offset) const;
    template <typename Visit>
    void for_each_value(const Node& node, Visit visit) const;
    void collect_wildcards(const Node& node, std::size_t matched, Match& match) const;
    void walk(const Node& node, std::string& key, const Visitor& visit, Fuel& fuel) const;

    mutable std::optional<PagedFile> file_;  // reads what a look-up comes by
    std::span<const std::byte> bytes_;
    u32 root_ = 0;
};

}  // namespace tenon::tools
