#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/mutate/mutants.h"

namespace tenon::mutate {

// The mutants that no test can kill because they do what the original does. The list names each by its file and its line with the change
// in it; the indented lines below say why. It knows no line numbers, so that it survives changes elsewhere in the file.
class Equivalents {
public:
    // Throws std::runtime_error for an entry without a reason, or that stands twice.
    explicit Equivalents(std::string_view text);

    bool contains(const Mutant& mutant) const { return entries_.contains(key_of(mutant)); }

    // One sentence for each entry about `files` that names no mutant, or one that is not a survivor.
    std::vector<std::string> mistakes(const std::vector<Mutant>& mutants, const std::vector<std::string>& files) const;

    static std::string key_of(const Mutant& mutant) { return mutant.source->path + ": " + mutant.name; }

private:
    std::map<std::string, std::string> entries_;  // and their reasons
};

}  // namespace tenon::mutate
