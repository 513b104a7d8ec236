#include "tests/mutate/equivalents.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace tenon::mutate {

Equivalents::Equivalents(std::string_view text)
{
    std::istringstream lines{std::string(text)};
    std::string* reason = nullptr;
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line[0] == '#')
            continue;
        if (line[0] != ' ') {
            const auto [entry, fresh] = entries_.emplace(line, "");
            if (!fresh)
                throw std::runtime_error("equivalents: twice: " + line);
            reason = &entry->second;
        } else if (reason != nullptr) {
            *reason += line;
        }
    }
    for (const auto& [key, why] : entries_)
        if (why.empty())
            throw std::runtime_error("equivalents: without a reason: " + key);
}

std::vector<std::string> Equivalents::mistakes(const std::vector<Mutant>& mutants, const std::vector<std::string>& files) const
{
    std::map<std::string, Fate> fates;
    for (const Mutant& mutant : mutants)
        if (mutant.source != nullptr)
            fates[key_of(mutant)] = mutant.fate;
    std::vector<std::string> found;
    for (const auto& [key, reason] : entries_) {
        if (std::none_of(files.begin(), files.end(), [&](const std::string& file) { return key.starts_with(file + ": "); }))
            continue;
        const auto fate = fates.find(key);
        if (fate == fates.end())
            found.push_back("equivalents: no such mutant: " + key);
        else if (fate->second != Fate::survived)
            found.push_back("equivalents: a test kills it: " + key);
    }
    return found;
}

}  // namespace tenon::mutate
