#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tests/mutate/points.h"

namespace tenon::mutate {

// A source with all its mutants. The tokens refer to `text`: it stays where it is.
struct Source {
    std::string path;
    std::string text;
    std::vector<Token> tokens;
    std::vector<Point> points;
};

// What has become of a mutant.
enum class Fate : u8 {
    unknown,
    killed,       // a test fails or crashes
    timeout,      // a test does not end
    uncompiled,   // the compiler refuses it
    senseless,    // the types do not admit it: no mutant at all
    survived,
};

struct Mutant {
    const Source* source = nullptr;
    const Point* point = nullptr;
    usize index = 0;   // which change of the point
    std::string name;  // describe(), and which of them where several of a file are the same
    Fate fate = Fate::unknown;
    std::string killer;
};

// The mutants of a list of sources, by number; 0 is none.
class Mutants {
public:
    explicit Mutants(const std::vector<std::string>& paths);

    std::vector<Source>& sources() { return sources_; }
    const std::vector<Source>& sources() const { return sources_; }
    // Of every point, once the sources do not change any more.
    std::vector<Mutant> all() const;

private:
    std::vector<Source> sources_;
};

std::string read_file(const std::filesystem::path& path);
// Leaves the file alone when it holds the text already.
void write_file(const std::filesystem::path& path, const std::string& text);

// Writes a switchable copy of every source into the folder `tree`. What the compiler refuses is fixed: `check` is a command that compiles the
// source whose name follows it. The numbers of the fixed points are left in `tree`/fixed.
void write_copies(Mutants& mutants, const std::filesystem::path& tree, const std::string& check);
void read_fixed(Mutants& mutants, const std::filesystem::path& tree);

}  // namespace tenon::mutate
