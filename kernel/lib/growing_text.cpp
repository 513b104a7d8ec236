#include "kernel/lib/growing_text.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace tenon {

bool GrowingText::reserve(usize capacity)
{
    constexpr usize first_capacity = 1024;
    if (capacity <= capacity_)
        return true;
    const usize wanted = std::max(first_capacity, std::bit_ceil(capacity));
    std::unique_ptr<char[]> larger(new (std::nothrow) char[wanted]);
    if (!larger)
        return false;
    if (size_ != 0)
        std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = wanted;
    return true;
}

void GrowingText::write(std::string_view text)
{
    if (text.empty())
        return;
    if (!reserve(size_ + text.size())) {
        truncated_ = true;
        return;
    }
    std::memcpy(data_.get() + size_, text.data(), text.size());
    size_ += text.size();
}

}  // namespace tenon
