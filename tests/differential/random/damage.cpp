#include <algorithm>
#include <cstring>

#include "tests/differential/random/checks.h"
#include "tests/differential/random/random.h"

namespace tenon::test {
namespace {

constexpr u64 largest_region = 1 << 24;

bool is_small(const ::modlink::Output& layout)
{
    return std::all_of(layout.regions.begin(), layout.regions.end(),
                       [](const ::modlink::Region& region) { return region.size <= largest_region; });
}

// One bit, or a field of two, four or eight bytes with a number that is special somewhere. Half of it in the headers of file and sections.
void spoil(std::vector<std::byte>& object, Random& random)
{
    elf::FileHeader file;
    std::memcpy(&file, object.data(), sizeof(file));
    const u64 table = file.section_count * sizeof(elf::SectionHeader);
    const u64 at = random.chance(10)   ? random.below(sizeof(file))
                   : random.chance(45) ? file.section_offset + random.below(table)
                                       : random.below(object.size());
    if (random.chance(50)) {
        object[at] ^= static_cast<std::byte>(1 << random.below(8));
        return;
    }
    const u64 width = random.one_of({u64{2}, u64{4}, u64{8}});
    const u64 value = random.one_of({u64{0}, u64{1}, u64{0xff00}, u64{0xfff1}, u64{0x7fff'ffff}, u64{1} << 31, ~u64{0}, ~u64{0} >> 1,
                                     u64{1} << 63, object.size(), random.bits()});
    const u64 field = std::min<u64>(at & ~(width - 1), object.size() - width);
    std::memcpy(object.data() + field, &value, width);
}

}  // namespace

void damage(const Sample& sample, u64 seed, Figures& figures)
{
    Random random(~seed);
    constexpr unsigned rounds = 8;
    for (unsigned round = 0; round < rounds; ++round, ++figures.damaged) {
        std::vector<std::byte> object = sample.object;
        spoil(object, random);
        ::modlink::Options options = sample.options();
        options.far = random.chance(50);
        options.avoid_erratum_843419 = random.chance(50);
        options.report_all = random.chance(50);
        options.in_pieces = random.chance(30);
        if (is_small(::modlink::layout(object, options)))
            ::modlink::link(object, options);
    }
}

}  // namespace tenon::test
