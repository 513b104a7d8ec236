// differential [--jobs N] [--folder F] [--sample N] [--base ADDRESS] LINKER-COMMAND OBJECT... | -
//
// Links each object with modlink and with another linker for the same addresses, from `base` on, and compares every loaded section byte for
// byte. `-` reads the names of objects from standard input. Exit status 0 when all agree.

#include <getopt.h>
#include <unistd.h>

#include <array>
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
    u64 base = 0xffff'ffff'a000'0000;
    std::vector<std::string> objects;
};

struct Totals {
    std::atomic<unsigned> next{0};
    std::atomic<unsigned> equal{0}, different{0}, refused{0};
    std::array<std::atomic<unsigned>, test::reason_count> explained{};
    std::atomic<u64> bytes{0};
    std::mutex output;
};

std::vector<std::byte> read_object(const std::string& path)
{
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) {
        std::fprintf(stderr, "differential: %s: %s\n", path.c_str(), std::strerror(errno));
        std::exit(2);
    }
    std::vector<std::byte> bytes(static_cast<usize>(file.tellg()));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return bytes;
}

// Addresses that differ from symbol to symbol, within reach of a direct branch, aligned for every access. Nobody defines `missing`, and the
// linkers themselves know where their GOT is.
modlink::Options options_for_comparison(u64 base)
{
    modlink::Options options;
    options.base = base;
    options.resolve = [base](std::string_view name) -> std::optional<std::uint64_t> {
        if (name == "missing" || name == "_GLOBAL_OFFSET_TABLE_")
            return std::nullopt;
        if (name.starts_with("absolute_"))
            return elf::name_hash(name) & 0x7f;
        return base + 0x100'0000 + (elf::name_hash(name) & 0x3ffffc0);
    };
    return options;
}

void check(const std::string& path, u64 base, const test::OtherLinker& linker, Totals& totals)
{
    const std::vector<std::byte> object = read_object(path);
    const modlink::Output ours = modlink::link(object, options_for_comparison(base));
    std::string verdict;
    if (!ours.ok()) {
        ++totals.refused;
        verdict = "refused: " + (ours.problems.empty() ? std::to_string(ours.error) : ours.problems[0]);
    } else {
        const auto theirs = linker.link(object, ours);
        verdict = theirs.error.substr(0, 600);
        if (verdict.empty()) {
            const test::Comparison comparison = test::compare(object, ours, theirs);
            totals.bytes += comparison.bytes;
            for (usize reason = 0; reason < test::reason_count; ++reason)
                totals.explained[reason] += comparison.explained[reason];
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
                            {"base", required_argument, nullptr, 'b'},
                            {}};
    for (int choice; (choice = getopt_long(count, arguments, "+j:f:s:b:", names, nullptr)) != -1;) {
        switch (choice) {
        case 'j': task.jobs = static_cast<unsigned>(std::atoi(optarg)); break;
        case 'f': task.folder = optarg; break;
        case 's': task.sample = static_cast<unsigned>(std::atoi(optarg)); break;
        case 'b': task.base = std::strtoull(optarg, nullptr, 0); break;
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
    // Two comparisons may run at a time.
    const std::string own_folder = task.folder + "/" + std::to_string(getpid());
    std::vector<std::jthread> workers;
    for (unsigned job = 0; job < task.jobs; ++job) {
        workers.emplace_back([&, job] {
            const std::string folder = own_folder + "/" + std::to_string(job);
            std::filesystem::create_directories(folder);
            const test::OtherLinker linker(task.command, folder);
            for (unsigned index; (index = totals.next++ * task.sample) < task.objects.size();)
                check(task.objects[index], task.base, linker, totals);
        });
    }
    workers.clear();
    std::filesystem::remove_all(own_folder);
    const auto explained = [&](test::Reason reason) { return totals.explained[static_cast<usize>(reason)].load(); };
    std::printf("%u objects (%llu bytes) equal, %u different, %u refused, against %s; explained: %u GOT order, %u immediate, %u NOP, %u MOVN, "
                "%u direct, %u operand\n",
                totals.equal.load(), static_cast<unsigned long long>(totals.bytes.load()), totals.different.load(), totals.refused.load(),
                task.command.c_str(), explained(test::Reason::got_order), explained(test::Reason::immediate), explained(test::Reason::no_op),
                explained(test::Reason::movn), explained(test::Reason::direct), explained(test::Reason::operand));
    return totals.different + totals.refused == 0 ? 0 : 1;
}
