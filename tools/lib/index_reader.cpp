#include "tools/lib/index_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fcntl.h>

#include "kernel/lib/checked.h"
#include "tools/lib/index_format.h"
#include "tools/lib/module_name.h"

namespace tenon::tools {

using namespace index_format;

namespace {

// No key is longer in practice.
constexpr unsigned depth_limit = 4096;

constexpr std::string_view wildcard_characters = "*?[";

}  // namespace

// Bounds a walk through a damaged index whose nodes point in a circle: a sound one has fewer nodes than bytes.
class IndexReader::Fuel {
public:
    explicit Fuel(const IndexReader& reader) : nodes_left_(reader.bytes_.size()) {}

    // Whether one more node may be entered; leave() it after a yes.
    bool enter()
    {
        if (nodes_left_ == 0 || depth_ == depth_limit)
            return false;
        --nodes_left_;
        ++depth_;
        return true;
    }
    void leave() { --depth_; }

private:
    std::size_t nodes_left_;
    unsigned depth_ = 0;
};

struct IndexReader::Node {
    std::string_view prefix;
    std::size_t children = 0;  // offset of the references
    u8 first = largest_character;
    u8 last = 0;
    std::size_t values = 0;  // offset of the first one
    u32 value_count = 0;
};

struct IndexReader::Match {
    std::string_view rest;  // of the name that is looked for
    std::string pattern;    // what the index has from the first wildcard on
    std::vector<IndexValue>& found;
    Fuel fuel;
};

Result<IndexReader> IndexReader::open_at(int folder, const std::string& name)
{
    IndexReader reader;
    reader.file_ = TRY(PagedFile::open_at(folder, name));
    reader.bytes_ = reader.file_->bytes();
    if (!reader.file_->fetch(0, std::min<std::size_t>(header_size, reader.bytes_.size())))
        return fail(Errno::io);
    TRY(reader.read_header());
    return reader;
}

Result<IndexReader> IndexReader::over(std::span<const std::byte> bytes)
{
    IndexReader reader;
    reader.bytes_ = bytes;
    TRY(reader.read_header());
    return reader;
}

Result<> IndexReader::read_header()
{
    if (bytes_.empty())
        return {};
    const auto found_magic = load(0);
    const auto version = load(4);
    const auto root = load(8);
    if (!root || *found_magic != magic || *version >> 16 != version_major)
        return fail(Errno::inval);
    root_ = *root;
    return {};
}

bool IndexReader::is_there(std::size_t offset, std::size_t size) const
{
    return range_fits(offset, size, bytes_.size()) && (!file_ || file_->fetch(offset, size));
}

std::optional<u32> IndexReader::load(std::size_t offset) const
{
    if (!is_there(offset, sizeof(u32)))
        return std::nullopt;
    u32 value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(value));
    return std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
}

std::optional<std::string_view> IndexReader::string_at(std::size_t offset) const
{
    if (offset >= bytes_.size())
        return std::nullopt;
    const char* start = reinterpret_cast<const char*>(bytes_.data()) + offset;
    for (std::size_t at = offset; at < bytes_.size();) {
        const std::size_t count = std::min(PagedFile::piece_size - at % PagedFile::piece_size, bytes_.size() - at);
        if (!is_there(at, count))
            return std::nullopt;
        const char* piece = reinterpret_cast<const char*>(bytes_.data()) + at;
        if (const void* end = std::memchr(piece, '\0', count))
            return std::string_view(start, static_cast<std::size_t>(static_cast<const char*>(end) - start));
        at += count;
    }
    return std::nullopt;
}

std::optional<IndexReader::Node> IndexReader::node_at(u32 reference) const
{
    std::size_t offset = reference & offset_mask;
    if (offset == 0)
        return std::nullopt;
    Node node;
    if ((reference & flag_prefix) != 0) {
        const auto prefix = string_at(offset);
        if (!prefix)
            return std::nullopt;
        node.prefix = *prefix;
        offset += prefix->size() + 1;
    }
    if ((reference & flag_children) != 0) {
        if (!is_there(offset, 2))
            return std::nullopt;
        node.first = static_cast<u8>(bytes_[offset]);
        node.last = static_cast<u8>(bytes_[offset + 1]);
        node.children = offset + 2;
        if (node.first > node.last || node.last > largest_character)
            return std::nullopt;
        offset = node.children + (std::size_t{node.last} - node.first + 1) * sizeof(u32);
    }
    if ((reference & flag_values) != 0) {
        const auto count = load(offset);
        if (!count)
            return std::nullopt;
        node.value_count = *count;
        node.values = offset + sizeof(u32);
    }
    return node;
}

std::optional<IndexReader::Node> IndexReader::child_of(const Node& node, u8 character) const
{
    if (character < node.first || character > node.last)
        return std::nullopt;
    const auto reference = load(node.children + (std::size_t{character} - node.first) * sizeof(u32));
    return reference ? node_at(*reference) : std::nullopt;
}

template <typename Visit>
void IndexReader::for_each_value(const Node& node, Visit visit) const
{
    std::size_t offset = node.values;
    for (u32 left = node.value_count; left > 0; --left) {
        const auto priority = load(offset);
        const auto text = priority ? string_at(offset + sizeof(u32)) : std::nullopt;
        if (!text)
            return;
        visit(IndexValue{*priority, *text});
        offset += sizeof(u32) + text->size() + 1;
    }
}

std::optional<IndexValue> IndexReader::find(std::string_view key) const
{
    auto node = node_at(root_);
    while (node) {
        if (!key.starts_with(node->prefix))
            return std::nullopt;
        key.remove_prefix(node->prefix.size());
        if (key.empty()) {
            std::optional<IndexValue> result;
            node->value_count = std::min(node->value_count, u32{1});
            for_each_value(*node, [&](const IndexValue& value) { result = value; });
            return result;
        }
        node = child_of(*node, static_cast<u8>(key.front()));
        key.remove_prefix(1);
    }
    return std::nullopt;
}

std::vector<IndexValue> IndexReader::find_matching(const std::string& name) const
{
    std::vector<IndexValue> found;
    Match match{name, {}, found, Fuel(*this)};
    auto node = node_at(root_);
    while (node) {
        std::size_t matched = 0;
        for (; matched < node->prefix.size(); ++matched) {
            const char character = node->prefix[matched];
            if (wildcard_characters.find(character) != std::string_view::npos) {
                collect_wildcards(*node, matched, match);
                break;
            }
            if (match.rest.empty() || match.rest.front() != character)
                break;
            match.rest.remove_prefix(1);
        }
        if (matched < node->prefix.size())
            break;
        for (const char wildcard : wildcard_characters) {
            if (const auto child = child_of(*node, static_cast<u8>(wildcard))) {
                match.pattern.push_back(wildcard);
                collect_wildcards(*child, 0, match);
                match.pattern.pop_back();
            }
        }
        if (match.rest.empty()) {
            for_each_value(*node, [&](const IndexValue& value) { found.push_back(value); });
            break;
        }
        node = child_of(*node, static_cast<u8>(match.rest.front()));
        match.rest.remove_prefix(1);
    }
    // In the file the one added last stands first among equals.
    std::reverse(found.begin(), found.end());
    std::stable_sort(found.begin(), found.end(), [](const IndexValue& a, const IndexValue& b) { return a.priority < b.priority; });
    return found;
}

// All keys below `node`, of whose prefix `matched` characters are done: from the first wildcard on, a key is compared as a
// whole.
void IndexReader::collect_wildcards(const Node& node, std::size_t matched, Match& match) const
{
    if (!match.fuel.enter())
        return;
    const std::size_t length = match.pattern.size();
    match.pattern.append(node.prefix.substr(matched));
    for (unsigned character = node.first; character <= node.last; ++character) {
        if (const auto child = child_of(node, static_cast<u8>(character))) {
            match.pattern.push_back(static_cast<char>(character));
            collect_wildcards(*child, 0, match);
            match.pattern.pop_back();
        }
    }
    if (node.value_count > 0 && matches(match.pattern, std::string(match.rest)))
        for_each_value(node, [&](const IndexValue& value) { match.found.push_back(value); });
    match.pattern.resize(length);
    match.fuel.leave();
}

void IndexReader::for_each(const Visitor& visit) const
{
    std::string key;
    Fuel fuel(*this);
    if (const auto root = node_at(root_))
        walk(*root, key, visit, fuel);
}

void IndexReader::walk(const Node& node, std::string& key, const Visitor& visit, Fuel& fuel) const
{
    if (!fuel.enter())
        return;
    const std::size_t length = key.size();
    key.append(node.prefix);
    for_each_value(node, [&](const IndexValue& value) { visit(key, value); });
    for (unsigned character = node.first; character <= node.last; ++character) {
        if (const auto child = child_of(node, static_cast<u8>(character))) {
            key.push_back(static_cast<char>(character));
            walk(*child, key, visit, fuel);
            key.pop_back();
        }
    }
    key.resize(length);
    fuel.leave();
}

}  // namespace tenon::tools
