#pragma once

#include "kernel/mm/ledger.h"

namespace tenon {

// Pages by number, for objects of any size that have few of them: a tree of small nodes, as high as the largest number needs. Its
// nodes are booked to the account of who made the index. Not synchronised.
class PageIndex : NoCopy {
public:
    static constexpr u64 max_pages = u64{1} << 36;

    explicit PageIndex(ledger::Kind kind) : charge_(kind) {}
    ~PageIndex() { cut(0); }

    PageRef* find(u64 index) const;  // null when there is none
    // The place for a page, which may be empty. Errno::nomem, fbig. Valid until the next cut.
    Result<PageRef*> place(u64 index);
    // The number of the first page that is not below `index`; max_pages when there is none.
    u64 next(u64 index) const;
    // Drops the pages from `first` on; how many they were. Holds no spinlock, for it may take long.
    u64 cut(u64 first);

private:
    static constexpr unsigned bits = 6;
    static constexpr usize fan_out = usize{1} << bits;

    struct Node {};
    struct Leaf;    // of height 1: holds pages
    struct Branch;  // of a larger height: holds nodes

    // By a node of that height.
    static constexpr u64 covered(unsigned height) { return u64{1} << (bits * height); }
    Result<> make_node(Node*& node, unsigned height);
    Result<> grow(u64 index);
    u64 cut_node(Node*& node, unsigned height, u64 first);
    static u64 next_below(const Node* node, unsigned height, u64 index);
    void rebook();

    Node* root_ = nullptr;
    unsigned height_ = 0;  // nodes from the root to a page
    u64 nodes_ = 0;
    ledger::Charge charge_;
};

}  // namespace tenon
