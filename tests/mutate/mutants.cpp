#include "tests/mutate/mutants.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "tests/mutate/copy.h"

namespace tenon::mutate {

std::string read_file(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error("cannot read " + path.string());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void write_file(const std::filesystem::path& path, const std::string& text)
{
    if (std::filesystem::exists(path) && read_file(path) == text)
        return;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    if (!(file << text))
        throw std::runtime_error("cannot write " + path.string());
}

Mutants::Mutants(const std::vector<std::string>& paths)
{
    u32 number = 1;
    sources_.reserve(paths.size());
    for (const std::string& path : paths) {
        Source& source = sources_.emplace_back(Source{path, read_file(path), {}, {}});
        source.tokens = tokenize(source.text);
        source.points = find_points(source.tokens, number);
    }
}

std::vector<Mutant> Mutants::all() const
{
    std::vector<Mutant> all{Mutant{}};
    for (const Source& source : sources_) {
        std::map<std::string, u32> seen;
        for (const Point& point : source.points)
            for (usize index = 0; index < point.to.size(); ++index) {
                std::string name = describe(source.text, source.tokens, point, index);
                if (const u32 count = ++seen[name]; count > 1)
                    name += " (" + std::to_string(count) + ")";
                all.push_back({&source, &point, index, std::move(name), Fate::unknown, {}});
            }
    }
    return all;
}

namespace {

std::string output_of(const std::string& command)
{
    std::FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr)
        throw std::runtime_error("cannot run " + command);
    std::string output;
    char buffer[4096];
    for (usize count; (count = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;)
        output.append(buffer, count);
    return pclose(pipe) == 0 ? std::string() : output + "\n";
}

// Fixes the points on the lines that the compiler's output names: those of errors, or all when no error is in a copy. Whether there was one.
bool fix_named(Mutants& mutants, const std::filesystem::path& tree, const std::string& output, bool errors_only)
{
    bool found = false;
    const std::regex place(tree.string() + "/([^:\\s]+):([0-9]+):[0-9:]*" + (errors_only ? " (fatal )?error" : ""));
    for (std::sregex_iterator match(output.begin(), output.end(), place); match != std::sregex_iterator(); ++match)
        for (Source& source : mutants.sources())
            for (Point& point : source.points)
                if (source.path == (*match)[1].str() && point.line == std::stoul((*match)[2].str()) && !point.is_fixed)
                    found = point.is_fixed = true;
    return found;
}

}  // namespace

void write_copies(Mutants& mutants, const std::filesystem::path& tree, const std::string& check)
{
    const auto write = [&] {
        for (const Source& source : mutants.sources())
            write_file(tree / source.path, switchable_copy(source.text, source.tokens, source.points));
    };
    write();
    for (const Source& source : mutants.sources()) {
        if (check.empty() || !source.path.ends_with(".cpp"))
            continue;
        for (std::string output; !(output = output_of(check + " " + (tree / source.path).string())).empty(); write())
            if (!fix_named(mutants, tree, output, true) && !fix_named(mutants, tree, output, false))
                throw std::runtime_error("the copy of " + source.path + " does not compile:\n" + output);
    }
    std::string fixed;
    for (const Source& source : mutants.sources())
        for (const Point& point : source.points)
            if (point.is_fixed)
                fixed += std::to_string(point.number) + "\n";
    write_file(tree / "fixed", fixed);
}

void read_fixed(Mutants& mutants, const std::filesystem::path& tree)
{
    std::istringstream numbers(read_file(tree / "fixed"));
    std::set<u32> fixed;
    for (u32 number; numbers >> number;)
        fixed.insert(number);
    for (Source& source : mutants.sources())
        for (Point& point : source.points)
            point.is_fixed = fixed.contains(point.number);
}

}  // namespace tenon::mutate
