#pragma once

#include <memory>
#include <string_view>

#include "kernel/lib/text.h"

namespace tenon {

// Text of any length in one allocation that grows. What does not find memory is cut off, and truncated() tells.
class GrowingText final : public TextSink {
public:
    void write(std::string_view text) override;
    void clear() { size_ = 0; }

    usize capacity() const { return capacity_; }
    std::string_view view() const { return {data_.get(), size_}; }
    bool truncated() const { return truncated_; }

private:
    bool reserve(usize capacity);

    std::unique_ptr<char[]> data_;
    usize size_ = 0;
    usize capacity_ = 0;
    bool truncated_ = false;
};

}  // namespace tenon
