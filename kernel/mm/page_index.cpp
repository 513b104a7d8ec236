#include "kernel/mm/page_index.h"

#include <algorithm>
#include <array>
#include <new>

#include <tenon/sync.h>

namespace tenon {

struct PageIndex::Leaf : Node {
    std::array<PageRef, fan_out> pages;
};

struct PageIndex::Branch : Node {
    std::array<Node*, fan_out> below{};
};

void PageIndex::rebook()
{
    static_assert(sizeof(Leaf) == sizeof(Branch));
    charge_.set(nodes_ * sizeof(Leaf));
}

Result<> PageIndex::make_node(Node*& node, unsigned height)
{
    if (height == 1)
        node = new (std::nothrow) Leaf;
    else
        node = new (std::nothrow) Branch;
    if (node == nullptr)
        return fail(Errno::nomem);
    ++nodes_;
    rebook();
    return {};
}

PageRef* PageIndex::find(u64 index) const
{
    if (root_ == nullptr || index >= covered(height_))
        return nullptr;
    Node* node = root_;
    for (unsigned height = height_; height > 1; --height) {
        node = static_cast<Branch*>(node)->below[index / covered(height - 1) % fan_out];
        if (node == nullptr)
            return nullptr;
    }
    PageRef& page = static_cast<Leaf*>(node)->pages[index % fan_out];
    return page ? &page : nullptr;
}

// Puts nodes above the root until it covers `index`.
Result<> PageIndex::grow(u64 index)
{
    if (root_ == nullptr) {
        height_ = 1;
        while (index >= covered(height_))
            ++height_;
        return make_node(root_, height_);
    }
    while (index >= covered(height_)) {
        Node* above = nullptr;
        TRY(make_node(above, height_ + 1));
        static_cast<Branch*>(above)->below[0] = root_;
        root_ = above;
        ++height_;
    }
    return {};
}

Result<PageRef*> PageIndex::place(u64 index)
{
    if (index >= max_pages)
        return fail(Errno::fbig);
    TRY(grow(index));
    Node* node = root_;
    for (unsigned height = height_; height > 1; --height) {
        Node*& below = static_cast<Branch*>(node)->below[index / covered(height - 1) % fan_out];
        if (below == nullptr)
            TRY(make_node(below, height - 1));
        node = below;
    }
    return &static_cast<Leaf*>(node)->pages[index % fan_out];
}

u64 PageIndex::next(u64 index) const
{
    if (root_ == nullptr || index >= covered(height_))
        return max_pages;
    return next_below(root_, height_, index);
}

// Both numbers count from the start of the node.
u64 PageIndex::next_below(const Node* node, unsigned height, u64 index)
{
    const u64 step = covered(height - 1);
    for (u64 slot = index / step; slot < fan_out; ++slot, index = slot * step) {
        if (height == 1) {
            if (static_cast<const Leaf*>(node)->pages[slot])
                return slot;
            continue;
        }
        const Node* const below = static_cast<const Branch*>(node)->below[slot];
        const u64 found = below != nullptr ? next_below(below, height - 1, index % step) : max_pages;
        if (found != max_pages)
            return slot * step + found;
    }
    return max_pages;
}

u64 PageIndex::cut(u64 first)
{
    if (root_ == nullptr || first >= covered(height_))
        return 0;
    const u64 dropped = cut_node(root_, height_, first);
    if (root_ == nullptr)
        height_ = 0;
    rebook();
    return dropped;
}

// `first` counts from the start of the node, which goes when all of it is cut. Recursion is as deep as the tree, at most six.
u64 PageIndex::cut_node(Node*& node, unsigned height, u64 first)
{
    u64 dropped = 0;
    const u64 step = covered(height - 1);
    for (u64 slot = first / step; slot < fan_out; ++slot) {
        if (height == 1) {
            PageRef& page = static_cast<Leaf*>(node)->pages[slot];
            dropped += page ? 1 : 0;
            page = PageRef();
            continue;
        }
        Node*& below = static_cast<Branch*>(node)->below[slot];
        if (below != nullptr)
            dropped += cut_node(below, height - 1, slot == first / step ? first % step : 0);
    }
    static_cast<void>(resched_point());  // what is cut off goes as a whole
    if (first != 0)
        return dropped;
    if (height == 1)
        delete static_cast<Leaf*>(node);
    else
        delete static_cast<Branch*>(node);
    node = nullptr;
    --nodes_;
    return dropped;
}

}  // namespace tenon
