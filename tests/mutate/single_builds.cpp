#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <sstream>
#include <stdexcept>

#include "tests/mutate/campaign.h"
#include "tests/mutate/copy.h"
#include "tests/mutate/parallel.h"

namespace tenon::mutate {
namespace {

bool succeeds(const std::string& command)
{
    return std::system((command + " > /dev/null 2>&1").c_str()) == 0;
}

std::string source_of(const std::string& object, const Options& options)
{
    const std::string folder = (options.folder / "objects/").string();
    std::string path = object.starts_with(folder) ? object.substr(folder.size()) : object;
    return path.replace(path.rfind('.'), std::string::npos, ".cpp");
}

}  // namespace

SingleBuilds::SingleBuilds(const Options& options) : options_(options)
{
    std::istringstream names(read_file(options.objects));
    for (std::string name; names >> name;)
        objects_.push_back(name);
}

void SingleBuilds::judge(std::vector<Mutant>& mutants, const std::vector<u32>& numbers)
{
    if (numbers.empty())
        return;
    const Source& first = *mutants[numbers[0]].source;
    if (fate_of(first, first.text, options_.folder / "single" / "unchanged") != Fate::survived)
        throw std::runtime_error("cannot be compiled or fails without a mutant, too: " + first.path);
    usize done = 0;
    std::mutex lock;
    in_parallel(numbers.size(), options_.jobs, [&](usize index, unsigned job) {
        const std::filesystem::path folder = options_.folder / "single" / std::to_string(job);
        std::filesystem::remove_all(folder);
        Mutant& mutant = mutants[numbers[index]];
        const Source& source = *mutant.source;
        const Fate fate = fate_of(source, changed_copy(source.text, source.tokens, *mutant.point, mutant.index), folder);
        const std::lock_guard guard(lock);
        mutant.fate = fate;
        mutant.killer = fate == Fate::killed ? "(compiled)" : mutant.killer;
        write_survivors(mutants, options_);
        if (++done % 25 == 0)
            std::printf("  %zu of %zu compiled\n", done, numbers.size()), std::fflush(stdout);
    });
}

Fate SingleBuilds::fate_of(const Source& source, const std::string& text, const std::filesystem::path& folder) const
{
    write_file(folder / source.path, text);
    const std::vector<std::string> changed = objects_of(source.path);
    for (const std::string& object : changed)
        if (!compile(object, source, folder))
            return Fate::uncompiled;
    // The new objects come first, so that their inline functions are those of the program.
    std::string replaced;
    std::string kept;
    for (const std::string& object : objects_)
        if (std::find(changed.begin(), changed.end(), object) != changed.end())
            replaced += " " + (folder / object).string();
        else
            kept += " " + object;
    const std::string program = (folder / "judge").string();
    if (!succeeds(options_.link + " -o " + program + replaced + kept + " @" + options_.objects.string() + ".libraries"))
        return Fate::uncompiled;
    return succeeds("timeout 120 " + program) ? Fate::survived : Fate::killed;
}

// A header's users outside the mutated folders keep what they were compiled with.
std::vector<std::string> SingleBuilds::objects_of(const std::string& path) const
{
    const std::string copy = (options_.tree / path).string();
    std::vector<std::string> found;
    for (const std::string& object : objects_) {
        std::string dependencies = object;
        dependencies.replace(dependencies.rfind('.'), std::string::npos, ".d");
        if (!std::filesystem::exists(dependencies) || !std::filesystem::exists(options_.tree / source_of(object, options_)))
            continue;
        std::istringstream words(read_file(dependencies));
        for (std::string word; words >> word;)
            if (word == copy) {
                found.push_back(object);
                break;
            }
    }
    return found;
}

bool SingleBuilds::compile(const std::string& object, const Source& changed, const std::filesystem::path& folder) const
{
    const std::string source = source_of(object, options_);
    const std::filesystem::path target = folder / object;
    std::filesystem::create_directories(target.parent_path());
    const std::string from = source == changed.path ? (folder / source).string() : source;
    // A change may ask for an array that no disk holds: 512 MiB (in blocks of 512 bytes) and two minutes are enough for every sound one.
    return succeeds("ulimit -f 1048576; timeout 120 " + options_.compile + " -iquote " + folder.string() + " -iquote . -c " + from + " -o " + target.string());
}

}  // namespace tenon::mutate
