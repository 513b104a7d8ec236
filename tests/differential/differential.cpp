// differential [--jobs N] [--folder F] [--sample N] LINKER-COMMAND OBJECT... | -
//
// Links each object with modlink and with another linker for the same addresses and compares every loaded section byte for
// byte. `-` reads the names of objects from standard input. Exit status 0 when all agree.

#include <getopt.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>

#include <modlink/modlink.h>
#include "module/elf/name_hash.h"
#include "tests/differential/compare.h"
#include "tests/differential/other_linker.h"

namespace {

using namespace tenon;

struct Task {
    std::string command;
    std::string folder = "build/differential";
    unsigned jobs = 2;
    unsigned sample = 1;  // every so many-th object
    std::vector<std::string> objects;
};

struct Totals {
    std::atomic<unsigned> next{0};
    std::atomic<unsigned> equal{0}, different{0}, refused{0}, explained{0};
    std::atomic<u64> bytes{0};
    std::mutex output;
};

std::vector<std::byte> read_object(const std::string& path)
{
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    std::vector<std::byte> bytes(static_cast<usize>(file.tellg()));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return bytes;
}

// Addresses that differ from symbol to symbol, within reach of a direct branch, aligned for every access.
modlink::Options options_for_comparison()
{
    modlink::Options options;
    options.base = 0xffff'ffff'a000'0000;
    options.resolve = [](std::string_view name) -> std::optional<std::uint64_t> {
        if (name.starts_with("absolute_"))
            return elf::name_hash(name) & 0x7f;
        return 0xffff'ffff'a100'0000 + (elf::name_hash(name) & 0x3ffffc0);
    };
    return options;
}

void check(const std::string& path, const test::OtherLinker& linker, Totals& totals)
{
    const std::vector<std::byte> object = read_object(path);
    const modlink::Output ours = modlink::link(object, options_for_comparison());
    std::string verdict;
    if (!ours.ok()) {
        ++totals.refused;
        verdict = "refused: " + (ours.problems.empty() ? std::to_string(ours.error) : ours.problems[0]);
    } else {
        const auto theirs = linker.link(object, ours);
        verdict = theirs.error;
        if (verdict.empty()) {
            const test::Comparison comparison = test::compare(object, ours, theirs);
            totals.bytes += comparison.bytes;
            totals.explained += comparison.explained;
            verdict = comparison.difference;
        }
        ++(verdict.empty() ? totals.equal : totals.different);
    }
    if (!verdict.empty()) {
        const std::scoped_lock lock(totals.output);
        std::printf("%s: %s\n", path.c_str(), verdict.c_str());
    }
}

Task parse(int count, char** arguments)
{
    Task task;
    const option names[] = {{"jobs", required_argument, nullptr, 'j'},
                            {"folder", required_argument, nullptr, 'f'},
                            {"sample", required_argument, nullptr, 's'},
                            {}};
    for (int choice; (choice = getopt_long(count, arguments, "+j:f:s:", names, nullptr)) != -1;) {
        switch (choice) {
        case 'j': task.jobs = static_cast<unsigned>(std::atoi(optarg)); break;
        case 'f': task.folder = optarg; break;
        case 's': task.sample = static_cast<unsigned>(std::atoi(optarg)); break;
        default: std::exit(2);
        }
    }
    if (optind >= count)
        std::exit(2);
    task.command = arguments[optind];
    task.objects.assign(arguments + optind + 1, arguments + count);
    if (task.objects == std::vector<std::string>{"-"}) {
        task.objects.clear();
        for (std::string line; std::getline(std::cin, line);)
            task.objects.push_back(line);
    }
    return task;
}

}  // namespace

int main(int count, char** arguments)
{
    const Task task = parse(count, arguments);
    Totals totals;
    std::vector<std::jthread> workers;
    for (unsigned job = 0; job < task.jobs; ++job) {
        workers.emplace_back([&, job] {
            const std::string folder = task.folder + "/" + std::to_string(job);
            std::filesystem::create_directories(folder);
            const test::OtherLinker linker(task.command, folder);
            for (unsigned index; (index = totals.next++ * task.sample) < task.objects.size();)
                check(task.objects[index], linker, totals);
        });
    }
    workers.clear();
    std::printf("%u objects (%llu bytes) equal (%u GOT references another way), %u different, %u refused, against %s\n", totals.equal.load(),
                static_cast<unsigned long long>(totals.bytes.load()), totals.explained.load(), totals.different.load(), totals.refused.load(),
                task.command.c_str());
    return totals.different + totals.refused == 0 ? 0 : 1;
}
