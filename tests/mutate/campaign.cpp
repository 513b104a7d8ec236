#include "tests/mutate/campaign.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>

#include "tests/mutate/equivalents.h"
#include "tests/mutate/parallel.h"
#include "tests/mutate/selectors.h"

namespace tenon::mutate {
namespace {

Fate fate_of(const std::string& word)
{
    static const std::map<std::string, Fate> fates = {
        {"killed", Fate::killed}, {"timeout", Fate::timeout}, {"survived", Fate::survived}, {"senseless", Fate::senseless}, {"unreached", Fate::survived}};
    const auto found = fates.find(word);
    if (found == fates.end())
        throw std::runtime_error("the judge says: " + word);
    return found->second;
}

class Campaign {
public:
    Campaign(Mutants& sources, const Options& options) : options_(options), mutants_(sources.all())
    {
        if (mutants_.size() >= mutant::limit)
            throw std::runtime_error("more mutants than tests/mutate/selectors.h has room for");
    }

    bool run()
    {
        std::vector<u32> numbers;
        for (u32 number = 1; number < mutants_.size(); ++number)
            if (is_wanted(mutants_[number]))
                numbers.push_back(number);
        std::printf("%zu mutants\n", numbers.size());
        switched(numbers);
        for (const std::string& program : options_.programs)
            with_program(program, survivors(numbers));
        std::vector<u32> alone;
        for (const u32 number : survivors(numbers))
            if (mutants_[number].point->is_fixed || (unreached_[number] && mutants_[number].point->may_be_constant))
                alone.push_back(number);
        std::printf("%zu survive; %zu of them compiled one by one\n", survivors(numbers).size(), alone.size());
        std::fflush(stdout);
        write_survivors(mutants_, options_);
        SingleBuilds(options_).judge(mutants_, alone);
        return report(mutants_, options_);
    }

private:
    bool is_wanted(const Mutant& mutant) const
    {
        if (options_.again && !options_.again->contains(Equivalents::key_of(mutant)))
            return false;
        return options_.only.empty() || std::find(options_.only.begin(), options_.only.end(), mutant.source->path) != options_.only.end();
    }

    std::vector<u32> survivors(const std::vector<u32>& numbers) const
    {
        std::vector<u32> left;
        std::copy_if(numbers.begin(), numbers.end(), std::back_inserter(left), [&](u32 number) { return mutants_[number].fate == Fate::survived; });
        return left;
    }

    // By the program with all tests, in which every mutant waits to be switched on.
    void switched(const std::vector<u32>& numbers)
    {
        const std::string list = (options_.folder / "numbers").string();
        std::string text;
        for (const u32 number : numbers)
            text += std::to_string(number) + "\n";
        write_file(list, text);
        unreached_.assign(mutants_.size(), false);
        const std::string command = options_.judge + " " + std::to_string(options_.jobs) + " < " + list;
        std::FILE* const pipe = popen(command.c_str(), "r");
        char line[256];
        usize done = 0;
        while (pipe != nullptr && std::fgets(line, sizeof(line), pipe) != nullptr) {
            take(line);
            if (++done % 250 == 0)
                std::printf("  %zu of %zu judged\n", done, numbers.size()), std::fflush(stdout);
        }
        if (pipe == nullptr || pclose(pipe) != 0 || done != numbers.size())
            throw std::runtime_error("the judge failed: " + options_.judge);
    }

    void take(const char* line)
    {
        std::istringstream words(line);
        u32 number;
        std::string fate;
        if (!(words >> number >> fate) || number >= mutants_.size())
            throw std::runtime_error(std::string("the judge says: ") + line);
        words >> mutants_[number].killer;
        mutants_[number].fate = fate_of(fate);
        unreached_[number] = fate == "unreached";
    }

    // By a program that runs once without a mutant, which tells what it reaches, and then once for each that it reaches.
    void with_program(const std::string& program, const std::vector<u32>& numbers)
    {
        const std::string reached = (options_.folder / "reached").string();
        if (std::system(("TENON_REACHED=" + reached + " " + program + " > /dev/null 2>&1").c_str()) != 0)
            throw std::runtime_error("fails without a mutant, too: " + program);
        const std::string bytes = read_file(reached);
        std::vector<u32> judged;
        std::copy_if(numbers.begin(), numbers.end(), std::back_inserter(judged), [&](u32 number) { return number < bytes.size() && bytes[number] == 1; });
        in_parallel(judged.size(), options_.jobs, [&](usize index, unsigned) {
            const u32 number = judged[index];
            const std::string command = "TENON_MUTANT=" + std::to_string(number) + " timeout 60 " + program + " > /dev/null 2>&1";
            unreached_of(number, false);
            if (std::system(command.c_str()) != 0) {
                mutants_[number].fate = Fate::killed;
                mutants_[number].killer = program;
            }
        });
        std::printf("  %s: %zu judged\n", program.c_str(), judged.size());
        std::fflush(stdout);
    }

    void unreached_of(u32 number, bool value)
    {
        const std::lock_guard guard(lock_);
        unreached_[number] = value;
    }

    const Options& options_;
    std::vector<Mutant> mutants_;
    std::vector<bool> unreached_;  // by number
    std::mutex lock_;              // of unreached_, while threads write it
};

}  // namespace

bool run_campaign(Mutants& mutants, const Options& options)
{
    read_fixed(mutants, options.tree);
    return Campaign(mutants, options).run();
}

}  // namespace tenon::mutate
