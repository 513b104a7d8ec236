// random-link --seconds N | --count N [--from SEED] [--folder F] | --seed SEED [--folder F]
//
// Links objects that are made from seeds and compares what comes out: with GNU ld and LLVM lld, or with what the linker itself makes for
// other addresses and options. `--seed` repeats one case and leaves its files. Exit status 0 when all agree.

#include <getopt.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/differential/random/checks.h"

namespace {

using namespace tenon;
using test::Judge;

struct Task {
    std::string folder = "build/random-link";
    u64 from = 1;
    u64 count = UINT64_MAX;
    u64 seconds = 0;
    bool single = false;
};

Task parse(int count, char** arguments)
{
    Task task;
    const option names[] = {{"seconds", required_argument, nullptr, 't'},
                            {"count", required_argument, nullptr, 'c'},
                            {"from", required_argument, nullptr, 'f'},
                            {"seed", required_argument, nullptr, 's'},
                            {"folder", required_argument, nullptr, 'o'},
                            {}};
    for (int choice; (choice = getopt_long(count, arguments, "", names, nullptr)) != -1;) {
        switch (choice) {
        case 't': task.seconds = std::strtoull(optarg, nullptr, 0); break;
        case 'c': task.count = std::strtoull(optarg, nullptr, 0); break;
        case 'f': task.from = std::strtoull(optarg, nullptr, 0); break;
        case 's':
            task.from = std::strtoull(optarg, nullptr, 0);
            task.count = 1;
            task.single = true;
            break;
        case 'o': task.folder = optarg; break;
        default: std::exit(2);
        }
    }
    if (optind != count || (task.seconds == 0 && task.count == UINT64_MAX))
        std::exit(2);
    return task;
}

std::string linker_for(const test::Sample& sample)
{
    const char* const cross = std::getenv("TENON_CROSS");
    const bool arm64 = sample.machine == elf::Machine::aarch64;
    if (sample.judge == Judge::lld)
        return arm64 ? "ld.lld -m aarch64linux --no-relax" : "ld.lld";
    return arm64 ? std::string(cross != nullptr ? cross : "aarch64-linux-gnu-") + "ld" : "ld";
}

std::string check(u64 seed, const std::string& folder, test::Figures& figures)
{
    const test::Sample sample = test::make_sample(seed);
    ++figures.objects;
    figures.relocations += sample.sites.size();
    const std::string verdict = sample.judge == Judge::self
                                    ? test::check_alone(sample, figures)
                                    : test::check_against(test::OtherLinker(linker_for(sample), folder), sample, figures);
    test::damage(sample, seed, figures);
    return verdict;
}

}  // namespace

int main(int count, char** arguments)
{
    const Task task = parse(count, arguments);
    const std::string folder = task.folder + "/" + std::to_string(getpid());
    std::filesystem::create_directories(folder);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(task.seconds);
    test::Figures figures;
    u64 failed = 0;
    for (u64 index = 0; index < task.count; ++index) {
        if (task.seconds != 0 && std::chrono::steady_clock::now() >= end)
            break;
        const u64 seed = task.from + index;
        const std::string verdict = check(seed, folder, figures);
        if (verdict.empty())
            continue;
        ++failed;
        std::printf("%s\n  again: %s --seed %llu\n", verdict.c_str(), arguments[0], static_cast<unsigned long long>(seed));
        std::fflush(stdout);
    }
    if (!task.single)
        std::filesystem::remove_all(folder);
    else
        std::printf("files: %s\n", folder.c_str());
    const auto number = [](u64 value) { return static_cast<unsigned long long>(value); };
    std::printf("%llu objects from seed %llu on, %llu relocations (%llu refused), %llu bytes compared, %llu places explained, "
                "%llu damaged objects: %llu objects differ\n",
                number(figures.objects), number(task.from), number(figures.relocations), number(figures.refused), number(figures.bytes),
                number(figures.explained), number(figures.damaged), number(failed));
    return failed == 0 ? 0 : 1;
}
