#pragma once

#include <functional>
#include <vector>

#include <sys/prctl.h>

#include "tests/boot/programs/deeds.h"

namespace deeds {

// Children that do something over and over until they are killed.
class Crowd {
public:
    void add(const std::function<void()>& body)
    {
        children_.push_back(start_child([&] {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (;;)
                body();
        }));
        check(children_.back() > 0, "one more in the crowd");
    }
    ~Crowd()
    {
        for (const pid_t child : children_)
            kill(child, SIGKILL);
        for (const pid_t child : children_)
            status_of(child);
    }

private:
    std::vector<pid_t> children_;
};

}  // namespace deeds
