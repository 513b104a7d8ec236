#include "tools/lib/index_writer.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "tools/lib/index_format.h"
#include "tools/lib/keyed_hash.h"

namespace tenon::tools {

using namespace index_format;

namespace {

std::array<char, sizeof(u32)> big_endian(u32 value)
{
    return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
            static_cast<char>(value)};
}

}  // namespace

void IndexWriter::add(std::string_view key, std::string_view value, u32 priority)
{
    const auto is_ascii = [](char c) { return static_cast<u8>(c) <= largest_character && c != '\0'; };
    if (std::all_of(key.begin(), key.end(), is_ascii))
        entries_.push_back({key, value, priority, static_cast<u32>(entries_.size())});
    else
        left_out_.push_back(key);
}

// Sorting puts the keys below each node of the trie side by side, so that nodes need not exist in memory: a node is a range of
// entries and the length of the prefix that they share.
Result<std::string> IndexWriter::build()
{
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
        if (const int order = a.key.compare(b.key); order != 0)
            return order < 0;
        return a.priority != b.priority ? a.priority < b.priority : a.order > b.order;
    });
    append_number(magic);
    append_number(version_major << 16 | version_minor);
    const std::size_t root_place = out_.size();
    append_number(0);
    const auto root = big_endian(write_nodes());
    out_.replace(root_place, root.size(), root.data(), root.size());
    if (out_.size() > offset_mask)
        return fail(Errno::fbig);
    return std::move(out_);
}

void IndexWriter::append_number(u32 value)
{
    const auto bytes = big_endian(value);
    out_.append(bytes.data(), bytes.size());
}

// The node of the entries [begin, end), whose first `depth` characters are on the way to it.
IndexWriter::Node IndexWriter::open_node(std::size_t begin, std::size_t end, std::size_t depth) const
{
    Node node{.begin = begin, .end = end};
    if (begin < end && depth > 0) {  // the root has no prefix
        const std::string_view first = entries_[begin].key.substr(depth);
        const std::string_view last = entries_[end - 1].key.substr(depth);
        const auto shared = std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first;
        node.prefix = first.substr(0, static_cast<std::size_t>(shared - first.begin()));
    }
    node.below = depth + node.prefix.size();
    node.children = begin;
    while (node.children < end && entries_[node.children].key.size() == node.below)
        ++node.children;
    node.next = node.children;
    return node;
}

// Keys may be as long as a file: the way down is kept in a list, not on the stack.
u32 IndexWriter::write_nodes()
{
    std::vector<Node> path{open_node(0, entries_.size(), 0)};
    for (;;) {
        Node& node = path.back();
        if (node.next < node.end) {
            const std::size_t begin = node.next;
            const std::size_t below = node.below;
            const char character = entries_[begin].key[below];
            while (node.next < node.end && entries_[node.next].key[below] == character)
                ++node.next;
            path.push_back(open_node(begin, node.next, below + 1));
            continue;
        }
        const u32 reference = close_node(node);
        path.pop_back();
        if (path.empty())
            return reference;
        Node& parent = path.back();
        parent.references[static_cast<u8>(entries_[parent.next - 1].key[parent.below])] = reference;
    }
}

// Writes the node, whose children are written, and returns its reference.
u32 IndexWriter::close_node(const Node& node)
{
    const auto offset = static_cast<u32>(out_.size());
    u32 flags = 0;
    if (!node.prefix.empty()) {
        flags |= flag_prefix;
        out_.append(node.prefix);
        out_.push_back('\0');
    }
    if (node.children < node.end) {
        flags |= flag_children;
        const auto first = static_cast<u8>(entries_[node.children].key[node.below]);
        const auto last = static_cast<u8>(entries_[node.end - 1].key[node.below]);
        out_.push_back(static_cast<char>(first));
        out_.push_back(static_cast<char>(last));
        for (unsigned character = first; character <= last; ++character)
            append_number(node.references[character]);
    }
    if (node.children > node.begin) {
        flags |= flag_values;
        write_values(node.begin, node.children);
    }
    return offset | flags;
}

void IndexWriter::write_values(std::size_t begin, std::size_t end)
{
    append_number(static_cast<u32>(end - begin));
    std::unordered_set<std::string_view, KeyedHash> seen;
    for (std::size_t at = begin; at < end; ++at) {
        append_number(entries_[at].priority);
        out_.append(entries_[at].value);
        out_.push_back('\0');
        if (end - begin > 1 && !seen.insert(entries_[at].value).second)
            duplicates_.push_back({entries_[at].key, entries_[at].value});
    }
}

}  // namespace tenon::tools
