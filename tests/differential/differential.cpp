// differential [--jobs N] [--folder F] [--sample N] LINKER-COMMAND OBJECT... | -
//
// Links each object with modlink and with another linker for the same addresses and compares every loaded section byte for
// byte. `-` reads the names of objects from standard input. Exit status 0 when all agree.

#include <getopt.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>

#include <modlink/modlink.h>
#include "module/elf/name_hash.h"
#include "tests/differential/other_linker.h"

namespace {

using namespace tenon;
using modlink::RegionKind;

struct Task {
    std::string command;
    std::string folder = "build/differential";
    unsigned jobs = 2;
    unsigned sample = 1;  // every so many-th object
    std::vector<std::string> objects;
};

struct Totals {
    std::atomic<unsigned> next{0};
    std::atomic<unsigned> equal{0}, different{0}, refused{0};
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
modlink::Options options_for(modlink::Machine)
{
    modlink::Options options;
    options.base = 0xffff'ffff'a000'0000;
    options.resolve = [](std::string_view name) -> std::optional<std::uint64_t> {
        return 0xffff'ffff'a100'0000 + (elf::name_hash(name) & 0x3ffffc0);
    };
    return options;
}

std::string compare(const modlink::Output& ours, const test::OtherLinker::Linked& theirs, std::atomic<u64>& bytes)
{
    for (const modlink::Section& section : ours.sections) {
        if (!section.region || section.size == 0)
            continue;
        const modlink::Region& region = *ours.region(*section.region);
        const std::span<const std::byte> mine = std::span(region.bytes).subspan(section.offset, section.size);
        const auto other = theirs.sections.find(section.index);
        if (other == theirs.sections.end() || other->second.size() != section.size)
            return section.name + ": not in the other linker's output";
        bytes += section.size;
        for (usize at = 0; at < mine.size(); ++at) {
            if (mine[at] == other->second[at])
                continue;
            u32 words[2] = {};
            const usize start = at & ~usize{3};
            const usize size = std::min<usize>(4, mine.size() - start);
            std::memcpy(&words[0], mine.data() + start, size);
            std::memcpy(&words[1], other->second.data() + start, size);
            char text[200];
            std::snprintf(text, sizeof(text), "%s+%#zx: %08x here, %08x there", section.name.c_str(), start, words[0], words[1]);
            return text;
        }
    }
    return "";
}

void check(const std::string& path, const test::OtherLinker& linker, Totals& totals)
{
    const std::vector<std::byte> object = read_object(path);
    const modlink::Output ours = modlink::link(object, options_for(modlink::Machine::aarch64));
    std::string verdict;
    if (!ours.ok()) {
        ++totals.refused;
        verdict = "refused: " + (ours.problems.empty() ? std::to_string(ours.error) : ours.problems[0]);
    } else {
        const auto theirs = linker.link(object, ours);
        verdict = theirs.error.empty() ? compare(ours, theirs, totals.bytes) : "other linker: " + theirs.error;
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
    std::printf("%u objects (%llu bytes) equal, %u different, %u refused, against %s\n", totals.equal.load(),
                static_cast<unsigned long long>(totals.bytes.load()), totals.different.load(), totals.refused.load(),
                task.command.c_str());
    return totals.different + totals.refused == 0 ? 0 : 1;
}
