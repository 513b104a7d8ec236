#pragma once

// What the programs share that check threads from inside.

#include "tests/boot/programs/deeds.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

namespace deeds {

using Body = std::function<void()>;

inline void* run_body(void* argument)
{
    (*static_cast<const Body*>(argument))();
    return nullptr;
}

// A thread that runs while the object lives; `body` must live as long.
class Joined {
public:
    explicit Joined(const Body& body)
    {
        check(pthread_create(&thread_, nullptr, run_body, const_cast<Body*>(&body)) == 0, "pthread_create");
    }
    ~Joined() { pthread_join(thread_, nullptr); }
    Joined(const Joined&) = delete;
    Joined& operator=(const Joined&) = delete;
    pthread_t handle() const { return thread_; }

private:
    pthread_t thread_{};
};

inline pid_t thread_id()
{
    return static_cast<pid_t>(syscall(SYS_gettid));
}

inline long futex(std::atomic<unsigned>& word, int operation, unsigned value, const timespec* time = nullptr, void* second = nullptr,
           unsigned third = 0)
{
    return syscall(SYS_futex, &word, operation, value, time, second, third);
}

inline void wait_until(const std::function<bool()>& holds)
{
    while (!holds())
        usleep(1000);
}

inline std::string field_of(const std::string& file_name, const char* field)
{
    std::string text(4096, '\0');
    const int file = open(file_name.c_str(), O_RDONLY);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, read(file, text.data(), text.size()))));
    close(file);
    const auto start = text.find(field);
    if (start == std::string::npos)
        return {};
    const auto from = start + std::strlen(field);
    return text.substr(from, text.find('\n', from) - from);
}

}  // namespace deeds
