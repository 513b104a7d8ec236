// runner OBJECT near|far|erratum: links the object with modlink into memory of this process, runs its functions and compares what they
// return. `near`: everything within reach of a direct branch; `far`: what stands outside the object is terabytes away; `erratum`: near,
// with ADRP kept away from the offsets of Cortex-A53 erratum 843419, wherever in a page the code begins. Exit status 0 when all agree.

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <vector>

#include <modlink/modlink.h>

#include "arch/arm64/reloc/relocator.h"
#include "arch/x86/reloc/relocator.h"
#include "kernel/lib/bits.h"
#include "tests/exec/cases.h"
#include "tests/exec/coverage.h"

namespace tenon::test {

namespace {

constexpr usize arena_size = 1 << 20;

#ifdef __aarch64__
const ExecSuite& suite = arm64_suite();
const modlink::Relocator& relocator = arch::arm64::relocator();
#else
const ExecSuite& suite = x86_suite();
const modlink::Relocator& relocator = arch::x86::relocator();
#endif

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

// Whether the object has a function for every type that the relocator knows.
bool is_complete(std::span<const std::byte> object)
{
    elf::FirstReason reasons;
    const auto view = elf::ObjectView::parse(object, reasons);
    if (!view)
        return false;
    const std::vector<std::string> found = gaps(*view, relocator, suite);
    for (const std::string& gap : found)
        std::printf("%s\n", gap.c_str());
    return found.empty();
}

class Run final : public Environment {
public:
    Run(std::string_view mode, std::vector<std::byte> object) : object_(std::move(object))
    {
        const bool far = mode == "far";
        outside_ = map_at(far ? u64{0x2000'0000'0000} : module_base + 0x200'0000);
        inside_ = map_at(module_base);
        std::memcpy(outside_, suite.outside_code.data(), suite.outside_code.size());
        options_.place = [this](::modlink::RegionKind kind, u64 size, u64 alignment) {
            const u64 place = align_up(next_, kind == ::modlink::RegionKind::text ? alignment : page);
            next_ = place + size;
            return place;
        };
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

    // With the code `shift` bytes into a page.
    int run(u64 shift)
    {
        next_ = module_base + shift;
        output_ = ::modlink::link(object_, options_);
        for (const std::string& problem : output_.problems)
            std::printf("%s\n", problem.c_str());
        if (!output_.ok())
            return 1;
        for (const ::modlink::Region& region : output_.regions)
            std::memcpy(inside_ + (region.address - module_base), region.bytes.data(), region.bytes.size());
        __builtin___clear_cache(reinterpret_cast<char*>(inside_), reinterpret_cast<char*>(inside_ + arena_size));
        __builtin___clear_cache(reinterpret_cast<char*>(outside_), reinterpret_cast<char*>(outside_ + arena_size));
        failed_ = 0;
        for (const ExecCase& test : suite.cases)
            failed_ += run_case(test) ? 0 : 1;
        return failed_ == 0 ? 0 : 1;
    }

    void summarise() const
    {
        std::printf("%zu functions run, %zu failed, %u veneers and %u GOT entries reserved\n", suite.cases.size(), failed_,
                    count(&::modlink::Region::veneers), count(&::modlink::Region::slots));
    }

    u64 address(std::string_view name) const override
    {
        const auto found = std::find_if(output_.symbols.begin(), output_.symbols.end(),
                                        [&](const ::modlink::Symbol& symbol) { return symbol.name == name; });
        if (found == output_.symbols.end()) {
            std::printf("%.*s: no such symbol\n", static_cast<int>(name.size()), name.data());
            std::exit(2);
        }
        return found->address;
    }

private:
    static constexpr u64 module_base = 0x1000'0000'0000;
    static constexpr u64 page = 4096;

    bool run_case(const ExecCase& test) const
    {
        const auto function = reinterpret_cast<u64 (*)()>(address(test.name));
        const u64 result = function();
        const u64 expected = test.expected(*this);
        if (result != expected)
            std::printf("%s (%s): returned %#llx instead of %#llx\n", std::string(test.name).c_str(), std::string(test.types).c_str(),
                        static_cast<unsigned long long>(result), static_cast<unsigned long long>(expected));
        return result == expected;
    }

    u32 count(u32 (::modlink::Region::*member)) const
    {
        u32 sum = 0;
        for (const ::modlink::Region& region : output_.regions)
            sum += region.*member;
        return sum;
    }

    std::vector<std::byte> object_;
    u64 next_ = module_base;
    usize failed_ = 0;
    std::byte* outside_ = nullptr;
    std::byte* inside_ = nullptr;
    ::modlink::Options options_;
    ::modlink::Output output_;
};

}  // namespace
}  // namespace tenon::test

int main(int count, char** arguments)
{
    if (count != 3)
        return 2;
    std::vector<std::byte> object = tenon::test::read_object(arguments[1]);
    if (!tenon::test::is_complete(object))
        return 1;
    const std::string_view mode = arguments[2];
    tenon::test::Run run(mode, std::move(object));
    // The erratum is about single places in a page: every ADRP comes to stand there once.
    int result = 0;
    for (tenon::u64 shift = 0; shift < (mode == "erratum" ? 4096 : 1) && result == 0; shift += 16)
        result = run.run(shift);
    run.summarise();
    return result;
}
