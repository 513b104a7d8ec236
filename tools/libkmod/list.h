#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "tools/libkmod/libkmod.h"

// An entry of a list: a ring, of which its owner holds the first entry. What an entry has besides, its own kind says.
struct kmod_list {
    kmod_list() = default;
    virtual ~kmod_list() = default;
    kmod_list(const kmod_list&) = delete;
    kmod_list& operator=(const kmod_list&) = delete;

    kmod_list* next = this;
    kmod_list* previous = this;
};

namespace tenon::tools::libkmod {

// Null is the empty list.
void free_list(kmod_list* first);

// A list that is being made.
class List {
public:
    List() = default;
    List(List&& other) noexcept : first_(other.release()) {}
    List& operator=(List&& other) noexcept
    {
        std::swap(first_, other.first_);
        return *this;
    }
    ~List() { free_list(first_); }

    void append(std::unique_ptr<kmod_list> entry);

    // Of the list that the caller owns from now on; null when it is empty.
    kmod_list* release() { return std::exchange(first_, nullptr); }

private:
    kmod_list* first_ = nullptr;
};

// The entry as what it is; null for null.
template <typename Entry>
const Entry* entry_as(const kmod_list* entry)
{
    static_assert(std::is_base_of_v<kmod_list, Entry>);
    return static_cast<const Entry*>(entry);
}

}  // namespace tenon::tools::libkmod
