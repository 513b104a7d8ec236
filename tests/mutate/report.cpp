#include <algorithm>
#include <cstdio>
#include <map>

#include "tests/mutate/campaign.h"
#include "tests/mutate/equivalents.h"

namespace tenon::mutate {
namespace {

struct Score {
    usize mutants = 0;
    usize killed = 0;
    usize uncompiled = 0;
    usize equivalent = 0;
    usize survived = 0;
};

void count(const Mutant& mutant, bool equivalent, Score& score)
{
    if (mutant.fate == Fate::senseless || mutant.fate == Fate::unknown)
        return;
    ++score.mutants;
    score.killed += mutant.fate == Fate::killed || mutant.fate == Fate::timeout;
    score.uncompiled += mutant.fate == Fate::uncompiled;
    score.equivalent += mutant.fate == Fate::survived && equivalent;
    score.survived += mutant.fate == Fate::survived && !equivalent;
}

std::string line_of(const std::string& name, const Score& score)
{
    char line[256];
    std::snprintf(line, sizeof(line), "%-36s %8zu %8zu %8zu %10zu %8zu\n", name.c_str(), score.mutants, score.killed, score.uncompiled, score.equivalent,
                  score.survived);
    return line;
}

void add(Score& sum, const Score& score)
{
    sum.mutants += score.mutants;
    sum.killed += score.killed;
    sum.uncompiled += score.uncompiled;
    sum.equivalent += score.equivalent;
    sum.survived += score.survived;
}

std::string table(const std::map<std::string, Score>& scores)
{
    char head[256];
    std::snprintf(head, sizeof(head), "%-36s %8s %8s %8s %10s %8s\n", "file", "mutants", "killed", "compiler", "equivalent", "survived");
    std::string text = head;
    Score sum;
    for (const auto& [path, score] : scores) {
        if (score.mutants != 0)
            text += line_of(path, score);
        add(sum, score);
    }
    return text + line_of("all", sum);
}

}  // namespace

namespace {

Equivalents known(const Options& options)
{
    return Equivalents(options.equivalents.empty() ? std::string() : read_file(options.equivalents));
}

}  // namespace

void write_survivors(const std::vector<Mutant>& mutants, const Options& options)
{
    const Equivalents equivalents = known(options);
    std::string text;
    for (const Mutant& mutant : mutants) {
        if (mutant.source == nullptr)
            continue;
        const bool is_left = mutant.fate == Fate::unknown && options.again && options.again->contains(Equivalents::key_of(mutant));
        if ((mutant.fate == Fate::survived && !equivalents.contains(mutant)) || is_left)
            text += Equivalents::key_of(mutant) + "\n";
    }
    write_file(options.folder / "survivors", text);
}

bool report(const std::vector<Mutant>& mutants, const Options& options)
{
    const Equivalents equivalents = known(options);
    std::map<std::string, Score> scores;
    std::string survivors;
    std::string killers;
    for (const Mutant& mutant : mutants) {
        if (mutant.source == nullptr || mutant.fate == Fate::unknown)
            continue;
        const bool equivalent = equivalents.contains(mutant);
        count(mutant, equivalent, scores[mutant.source->path]);
        const std::string place = mutant.source->path + ":" + std::to_string(mutant.point->line) + ": " + mutant.name;
        if (mutant.fate == Fate::survived && !equivalent)
            survivors += place + "\n";
        killers += place + "\n    " + (mutant.killer.empty() ? "-" : mutant.killer) + "\n";
    }
    std::vector<std::string> files;
    for (const auto& [path, score] : scores)
        files.push_back(path);
    std::string mistakes;
    for (const std::string& mistake : options.again ? std::vector<std::string>() : equivalents.mistakes(mutants, files))
        mistakes += mistake + "\n";
    const std::string text = table(scores) + survivors + mistakes;
    std::printf("%s", text.c_str());
    write_file(options.folder / "report", text);
    write_file(options.folder / "killers", killers);
    write_survivors(mutants, options);
    return survivors.empty() && mistakes.empty();
}

}  // namespace tenon::mutate
