#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace tenon::test {

// What the code under test has written to the kernel log since the last clear(), as "component: text".
class LogLines {
public:
    static void add(std::string line)
    {
        const std::lock_guard guard(mutex_);
        lines_.push_back(std::move(line));
    }
    static std::vector<std::string> take()
    {
        const std::lock_guard guard(mutex_);
        return std::exchange(lines_, {});
    }

private:
    static inline std::mutex mutex_;
    static inline std::vector<std::string> lines_;
};

}  // namespace tenon::test
