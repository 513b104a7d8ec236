// mutate copies|run OPTION=VALUE... SOURCE...: writes copies of the sources in which every mutant can be switched on, or judges all
// mutants. Options are those of campaign.h, `check` for copies (mutants.h).

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <sstream>

#include "tests/mutate/campaign.h"

namespace tenon::mutate {
namespace {

struct Arguments {
    Options options;
    std::string check;
    std::vector<std::string> sources;
};

std::set<std::string> lines_of(const std::string& path)
{
    std::set<std::string> lines;
    std::istringstream text(read_file(path));
    for (std::string line; std::getline(text, line);)
        lines.insert(line);
    return lines;
}

Arguments parse(int count, char** words)
{
    Arguments arguments;
    Options& options = arguments.options;
    const std::map<std::string, std::function<void(const std::string&)>> setters = {
        {"tree", [&](const std::string& value) { options.tree = value; }},
        {"folder", [&](const std::string& value) { options.folder = value; }},
        {"judge", [&](const std::string& value) { options.judge = value; }},
        {"program", [&](const std::string& value) { options.programs.push_back(value); }},
        {"objects", [&](const std::string& value) { options.objects = value; }},
        {"compile", [&](const std::string& value) { options.compile = value; }},
        {"link", [&](const std::string& value) { options.link = value; }},
        {"equivalents", [&](const std::string& value) { options.equivalents = value; }},
        {"only", [&](const std::string& value) { options.only.push_back(value); }},
        {"again", [&](const std::string& value) { options.again = lines_of(value); }},
        {"jobs", [&](const std::string& value) { options.jobs = static_cast<unsigned>(std::atoi(value.c_str())); }},
        {"check", [&](const std::string& value) { arguments.check = value; }},
    };
    for (int index = 2; index < count; ++index) {
        const std::string word = words[index];
        const auto setter = setters.find(word.substr(0, word.find('=')));
        if (word.find('=') != std::string::npos && setter != setters.end())
            setter->second(word.substr(word.find('=') + 1));
        else
            arguments.sources.push_back(word);
    }
    return arguments;
}

int run(const std::string& task, const Arguments& arguments)
{
    Mutants mutants(arguments.sources);
    if (task == "copies")
        write_copies(mutants, arguments.options.tree, arguments.check);
    else if (task == "run")
        return run_campaign(mutants, arguments.options) ? 0 : 1;
    else
        return 2;
    return 0;
}

}  // namespace
}  // namespace tenon::mutate

int main(int count, char** words)
{
    if (count < 3)
        return 2;
    try {
        return tenon::mutate::run(words[1], tenon::mutate::parse(count, words));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mutate: %s\n", error.what());
        return 2;
    }
}
