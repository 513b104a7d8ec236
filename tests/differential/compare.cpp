#include "tests/differential/compare.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "module/elf/object_view.h"
#include "tests/differential/explain.h"

namespace tenon::test {
namespace {

class Comparer {
public:
    Comparer(const elf::ObjectView& view, const ::modlink::Output& ours, const OtherLinker::Linked& theirs)
        : view_(view), ours_(ours), theirs_(theirs)
    {
    }

    Comparison run()
    {
        for (const ::modlink::Section& section : ours_.sections)
            if (section.region && section.size != 0 && result_.difference.empty())
                compare_section(section);
        return std::move(result_);
    }

private:
    void compare_section(const ::modlink::Section& section)
    {
        const ::modlink::Region& region = *ours_.region(*section.region);
        const auto mine = std::span(region.bytes).subspan(section.offset, section.size);
        const auto other = theirs_.sections.find(section.index);
        if (other == theirs_.sections.end() || other->second.size() != section.size) {
            result_.difference = section.name + ": not in the other linker's output";
            return;
        }
        std::vector<std::byte> adjusted = other->second;
        if (!std::equal(mine.begin(), mine.end(), adjusted.begin()))
            explain_places(section, mine, adjusted);
        const auto first = std::mismatch(mine.begin(), mine.end(), adjusted.begin());
        if (first.first != mine.end())
            describe(section, mine, adjusted, static_cast<usize>(first.first - mine.begin()));
        result_.bytes += section.size;
    }

    // Takes over our bytes where the difference has an explanation.
    void explain_places(const ::modlink::Section& section, std::span<const std::byte> mine, std::vector<std::byte>& other)
    {
        const std::vector<std::byte> theirs = other;
        for (u32 index = 1; index < view_.sections().size(); ++index) {
            if (!view_.section(index).is(elf::SectionType::rela) || view_.section(index).info != section.index)
                continue;
            for (const elf::Rela& rela : view_.relocations(index)) {
                const auto found = explain(view_.header().machine, rela.type(), {mine, section.address, rela.offset, our_got(section)},
                                           {theirs, section.address, rela.offset, theirs_.got});
                if (!found)
                    continue;
                ++result_.explained[static_cast<usize>(found->reason)];
                std::copy(mine.begin() + static_cast<isize>(found->start), mine.begin() + static_cast<isize>(found->end),
                          other.begin() + static_cast<isize>(found->start));
            }
        }
    }

    // The slots of the section's life time.
    GotView our_got(const ::modlink::Section& section) const
    {
        const bool init = *section.region >= ::modlink::RegionKind::init_text;
        const ::modlink::Region* const region =
            ours_.region(init ? ::modlink::RegionKind::init_rodata : ::modlink::RegionKind::rodata);
        if (region == nullptr || region->slots == 0)
            return {};
        return {region->address + region->cell_offset, std::span(region->bytes).subspan(region->cell_offset, region->slots * 8)};
    }

    void describe(const ::modlink::Section& section, std::span<const std::byte> mine, std::span<const std::byte> other, usize at)
    {
        u32 words[2] = {};
        const usize start = at & ~usize{3};
        const usize size = std::min<usize>(4, mine.size() - start);
        std::memcpy(&words[0], mine.data() + start, size);
        std::memcpy(&words[1], other.data() + start, size);
        char text[200];
        std::snprintf(text, sizeof(text), "%s+%#zx: %08x here, %08x there", section.name.c_str(), start, words[0], words[1]);
        result_.difference = text;
    }

    const elf::ObjectView& view_;
    const ::modlink::Output& ours_;
    const OtherLinker::Linked& theirs_;
    Comparison result_;
};

}  // namespace

Comparison compare(std::span<const std::byte> object, const ::modlink::Output& ours, const OtherLinker::Linked& theirs)
{
    elf::FirstReason reasons;
    const auto view = elf::ObjectView::parse(object, reasons);
    if (!view)
        return {.difference = std::string(reasons.view())};
    return Comparer(*view, ours, theirs).run();
}

}  // namespace tenon::test
