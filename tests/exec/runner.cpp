// runner OBJECT near|far|erratum: links the object with modlink into memory of this process, runs its functions and compares what they
// return. `near`: everything within reach of a direct branch; `far`: what stands outside the object is terabytes away; `erratum`: near,
// with ADRP kept away from the offsets of Cortex-A53 erratum 843419. Exit status 0 when all agree.

#include "tests/exec/runner.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <vector>

#include "module/elf/object_view.h"

namespace tenon::test {

std::optional<u64> absolute_symbol(std::string_view name)
{
    static const std::map<std::string_view, u64> values = {
        {"absolute_8", 0xfe},
        {"absolute_16", 0xfedc},
        {"absolute_32", 0xfedcba98},
        {"absolute_48", 0xfedcba987654},
        {"absolute_negative", ~u64{0x12345677}},
        {"absolute_negative_16", ~u64{0xfffe}},
        {"low", 0x12345678},
    };
    const auto found = values.find(name);
    return found != values.end() ? std::optional(found->second) : std::nullopt;
}

namespace {

constexpr usize arena_size = 1 << 20;

// Memory that may be written and executed: this is about relocation, not about protection.
std::byte* map_at(u64 wanted)
{
    void* const memory = mmap(reinterpret_cast<void*>(wanted), arena_size, PROT_READ | PROT_WRITE | PROT_EXEC,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (memory != reinterpret_cast<void*>(wanted)) {
        std::perror("mmap");
        std::exit(2);
    }
    return static_cast<std::byte*>(memory);
}

std::vector<std::byte> read_object(const char* path)
{
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const std::span<const std::byte> bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

// Gives the relocations at the labels their types.
void retype(std::vector<std::byte>& object)
{
    elf::FirstReason reasons;
    const auto view = elf::ObjectView::parse(object, reasons);
    if (!view)
        return;
    for (const elf::Symbol& symbol : view->symbols())
        for (const Retyped& entry : retyped()) {
            if (view->symbol_name(symbol) != entry.label)
                continue;
            for (u32 index = 1; index < view->sections().size(); ++index) {
                const elf::SectionHeader& section = view->section(index);
                if (!section.is(elf::SectionType::rela) || section.info != symbol.section)
                    continue;
                for (const elf::Rela& rela : view->relocations(index))
                    if (rela.offset == symbol.value)
                        std::memcpy(object.data() + (reinterpret_cast<const std::byte*>(&rela.info) - object.data()), &entry.type,
                                    sizeof(entry.type));
            }
        }
}

class Run final : public Environment {
public:
    Run(std::string_view mode, std::vector<std::byte> object) : object_(std::move(object))
    {
        const bool far = mode == "far";
        outside_ = map_at(far ? u64{0x2000'0000'0000} : module_base + 0x200'0000);
        inside_ = map_at(module_base);
        std::memcpy(outside_, outside_code().data(), outside_code().size());
        options_.base = module_base;
        options_.far = far;
        options_.avoid_erratum_843419 = mode == "erratum";
        options_.resolve = [this](std::string_view name) -> std::optional<std::uint64_t> {
            if (name == "function")
                return reinterpret_cast<u64>(outside_);
            if (name == "outside")
                return reinterpret_cast<u64>(outside_) + 256;
            return absolute_symbol(name);
        };
    }

    int run()
    {
        output_ = modlink::link(object_, options_);
        for (const std::string& problem : output_.problems)
            std::printf("%s\n", problem.c_str());
        if (!output_.ok())
            return 1;
        for (const modlink::Region& region : output_.regions)
            std::memcpy(inside_ + (region.address - module_base), region.bytes.data(), region.bytes.size());
        __builtin___clear_cache(reinterpret_cast<char*>(inside_), reinterpret_cast<char*>(inside_ + arena_size));
        __builtin___clear_cache(reinterpret_cast<char*>(outside_), reinterpret_cast<char*>(outside_ + arena_size));
        usize failed = 0;
        for (const ExecCase& test : exec_cases())
            failed += run_case(test) ? 0 : 1;
        std::printf("%zu functions run, %zu failed, %u veneers and %u GOT entries reserved\n", exec_cases().size(), failed,
                    count(&modlink::Region::veneers), count(&modlink::Region::slots));
        return failed == 0 ? 0 : 1;
    }

    u64 address(std::string_view name) const override
    {
        const auto found = std::find_if(output_.symbols.begin(), output_.symbols.end(),
                                        [&](const modlink::Symbol& symbol) { return symbol.name == name; });
        if (found == output_.symbols.end()) {
            std::printf("%.*s: no such symbol\n", static_cast<int>(name.size()), name.data());
            std::exit(2);
        }
        return found->address;
    }

private:
    static constexpr u64 module_base = 0x1000'0000'0000;

    bool run_case(const ExecCase& test) const
    {
        const auto function = reinterpret_cast<u64 (*)()>(address(test.name));
        const u64 result = function();
        const u64 expected = test.expected(*this);
        if (result != expected)
            std::printf("%s: returned %#llx instead of %#llx\n", test.name, static_cast<unsigned long long>(result),
                        static_cast<unsigned long long>(expected));
        return result == expected;
    }

    u32 count(u32 modlink::Region::*member) const
    {
        u32 sum = 0;
        for (const modlink::Region& region : output_.regions)
            sum += region.*member;
        return sum;
    }

    std::vector<std::byte> object_;
    std::byte* outside_ = nullptr;
    std::byte* inside_ = nullptr;
    modlink::Options options_;
    modlink::Output output_;
};

}  // namespace
}  // namespace tenon::test

int main(int count, char** arguments)
{
    if (count != 3)
        return 2;
    std::vector<std::byte> object = tenon::test::read_object(arguments[1]);
    tenon::test::retype(object);
    return tenon::test::Run(arguments[2], std::move(object)).run();
}
