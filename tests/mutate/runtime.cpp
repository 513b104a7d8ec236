#include <cstdio>
#include <cstdlib>

#include "tests/mutate/selectors.h"

namespace tenon::mutant {

unsigned active = 0;
Reach reached[limit];

namespace {

// A program that knows nothing of mutants takes the one at work from TENON_MUTANT, and leaves what it has reached in the file TENON_REACHED,
// one byte for each mutant.
struct Environment {
    Environment()
    {
        if (const char* const number = std::getenv("TENON_MUTANT"))
            active = static_cast<unsigned>(std::atoi(number));
    }

    ~Environment()
    {
        const char* const path = std::getenv("TENON_REACHED");
        std::FILE* const file = path != nullptr ? std::fopen(path, "wb") : nullptr;
        if (file == nullptr)
            return;
        std::fwrite(reached, 1, sizeof(reached), file);
        std::fclose(file);
    }
};

const Environment environment;

}  // namespace
}  // namespace tenon::mutant
