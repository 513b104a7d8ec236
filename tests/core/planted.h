#pragma once

#include <span>

namespace tenon::test {

// Mistakes in the use of the core, each of which must be reported: a check that cannot fail shows nothing. Some are of the kind that a mistake
// of the core itself would be, as for what a test does without the core's help.
struct Planted {
    const char* name;
    void (*commit)();
};
std::span<const Planted> planted();

// Commits it, in a thread of the machine. Returns, with an exit status, only when nothing was reported.
int plant(const char* name);

}  // namespace tenon::test
