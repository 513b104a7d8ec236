#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/mutate/mutants.h"

namespace tenon::mutate {

struct Options {
    std::filesystem::path tree;         // of the switchable copies
    std::filesystem::path folder;       // for what is compiled one by one, and the report
    std::string judge;                  // program
    std::vector<std::string> programs;  // commands that fail when a mutant is at work (TENON_MUTANT)
    std::filesystem::path objects;      // a file with the names of the objects that the judge is made of
    std::string compile, link;          // commands
    std::filesystem::path equivalents;
    std::vector<std::string> only;      // sources; none: all
    std::optional<std::set<std::string>> again;  // survivors of the run before (`folder`/survivors) that alone are judged; none: all mutants
    unsigned jobs = 1;
};

// Judges all mutants and reports. Whether every survivor is known to be equivalent.
bool run_campaign(Mutants& mutants, const Options& options);

// The last part of it: the score of each file, the survivors, and the mistakes in the list of equivalents.
bool report(const std::vector<Mutant>& mutants, const Options& options);

// The survivors that nobody has explained, in the words of the list of equivalents, as `folder`/survivors; and those of the run before that this
// one has not judged.
void write_survivors(const std::vector<Mutant>& mutants, const Options& options);

// Compiles what can be switched by nothing else, one mutant after the other, and runs the judge on each. The list of survivors follows, so that
// a run that was broken off can go on with it.
class SingleBuilds {
public:
    SingleBuilds(const Options& options);

    void judge(std::vector<Mutant>& mutants, const std::vector<u32>& numbers);

private:
    // Of a program with `text` as the source.
    Fate fate_of(const Source& source, const std::string& text, const std::filesystem::path& folder) const;
    // The judge's objects that are made from the file.
    std::vector<std::string> objects_of(const std::string& path) const;
    bool compile(const std::string& object, const Source& changed, const std::filesystem::path& folder) const;

    const Options& options_;
    std::vector<std::string> objects_;
};

}  // namespace tenon::mutate
