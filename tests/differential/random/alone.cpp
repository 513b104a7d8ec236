#include <algorithm>
#include <cstring>
#include <optional>
#include <sstream>

#include "kernel/lib/bits.h"
#include "tests/differential/random/checks.h"

namespace tenon::test {
namespace {

using ::modlink::Options;
using ::modlink::Output;

// Linked memory by address.
class Memory {
public:
    explicit Memory(const Output& output) : output_(output) {}

    template <typename T>
    std::optional<T> at(u64 address) const
    {
        for (const ::modlink::Region& region : output_.regions) {
            const u64 offset = address - region.address;
            if (offset >= region.bytes.size() || region.bytes.size() - offset < sizeof(T))
                continue;
            T value;
            std::memcpy(&value, region.bytes.data() + offset, sizeof(value));
            return value;
        }
        return std::nullopt;
    }

private:
    const Output& output_;
};

class SelfCheck {
public:
    explicit SelfCheck(const Sample& sample) : sample_(sample) {}

    std::string run(Figures& figures)
    {
        Options options = sample_.options();
        options.report_all = true;
        const Output all = ::modlink::link(sample_.object, options);
        const OurRefusals refused = our_refusals(sample_, all.problems);
        if (!refused.error.empty())
            return refused.error;
        refused_ = refused.places;
        figures.refused += refused_.size();
        object_ = without(sample_, refused_);
        near_ = ::modlink::link(object_, options);
        if (!stands_as_planned(sample_, near_))
            return {};
        if (!near_.ok())
            return "refused without the places refused: " + near_.problems.at(0);
        for (const auto check : {&SelfCheck::refusals_change_nothing, &SelfCheck::read_in_pieces, &SelfCheck::at_other_addresses,
                                 &SelfCheck::with_veneers, &SelfCheck::without_adrp_at_bad_offsets, &SelfCheck::entries_hold_addresses})
            if (std::string fault = (this->*check)(); !fault.empty())
                return fault;
        return {};
    }

private:
    // Bytes of a section in a result.
    static std::span<const std::byte> bytes_of(const Output& output, u32 section)
    {
        for (const ::modlink::Section& entry : output.sections)
            if (entry.index == section && entry.region && output.region(*entry.region) != nullptr)
                return std::span(output.region(*entry.region)->bytes).subspan(entry.offset, entry.size);
        return {};
    }

    std::string fault(std::string_view what, const Site& site) const
    {
        std::ostringstream text;
        text << what << ": " << sample_.section_names[site.section] << "+0x" << std::hex << site.offset << " (type " << std::dec
             << site.kind->type << ", symbol " << site.symbol << ", addend 0x" << std::hex << site.addend << ")";
        return text.str();
    }

    bool is_applied(const Site& site) const { return !refused_.contains({site.section, site.offset}); }
    u64 place_of(const Site& site) const { return sample_.section_addresses[site.section] + site.offset; }

    std::string refusals_change_nothing()
    {
        const Output bare = ::modlink::link(sample_.object, with_report(sample_.options()));
        for (const Site& site : sample_.sites) {
            const auto before = file_bytes(site.section);
            const auto after = bytes_of(bare, site.section);
            const bool is_same = std::equal(before.begin() + static_cast<isize>(site.offset),
                                            before.begin() + static_cast<isize>(site.offset + site.kind->width),
                                            after.begin() + static_cast<isize>(site.offset));
            if (!is_applied(site) && !is_same)
                return fault("refused and changed", site);
        }
        return {};
    }

    std::span<const std::byte> file_bytes(u32 section) const
    {
        elf::FileHeader file;
        std::memcpy(&file, object_.data(), sizeof(file));
        elf::SectionHeader header;
        std::memcpy(&header, object_.data() + file.section_offset + section * sizeof(header), sizeof(header));
        return std::span(object_).subspan(header.offset, header.size);
    }

    static Options with_report(Options options)
    {
        options.report_all = true;
        return options;
    }

    std::string read_in_pieces()
    {
        Options options = sample_.options();
        options.in_pieces = true;
        const Output other = ::modlink::link(object_, options);
        for (usize index = 0; index < near_.regions.size(); ++index)
            if (!other.ok() || other.regions[index].bytes != near_.regions[index].bytes)
                return "other bytes when read in pieces";
        return {};
    }

    // Everything 64 KiB farther up: what is relative stays, addresses move along, and nothing else changes.
    std::string at_other_addresses()
    {
        constexpr u64 distance = 0x1'0000;
        const Output moved = ::modlink::link(object_, with_report(sample_.options(distance)));
        for (u32 section = 1; section < sample_.section_names.size(); ++section) {
            const auto here = bytes_of(near_, section);
            const auto there = bytes_of(moved, section);
            usize at = 0;
            for (const Site& site : sample_.sites) {
                if (site.section != section)
                    continue;
                // A relaxed instruction begins up to three bytes before its place.
                const usize start = site.kind->aim == Aim::entry ? site.offset - std::min<u64>(site.offset, 3) : site.offset;
                if (start > at && !std::equal(here.begin() + static_cast<isize>(at), here.begin() + static_cast<isize>(start),
                                              there.begin() + static_cast<isize>(at)))
                    return fault("other bytes in front of", site);
                at = site.offset + site.kind->width;
                if (!moves_as_it_should(site, here.subspan(site.offset), there.subspan(site.offset), distance) && is_applied(site))
                    return fault("moved wrongly", site);
            }
            if (!std::equal(here.begin() + static_cast<isize>(at), here.end(), there.begin() + static_cast<isize>(at)))
                return "other bytes at the end of " + sample_.section_names[section];
        }
        return {};
    }

    bool moves_as_it_should(const Site& site, std::span<const std::byte> here, std::span<const std::byte> there, u64 distance) const
    {
        const u16 section = sample_.symbol_sections[site.symbol];
        const bool moves = section != elf::index_absolute && section != elf::index_undefined;
        if (!moves)
            return true;
        const bool same = std::equal(here.begin(), here.begin() + site.kind->width, there.begin());
        switch (site.kind->aim) {
        case Aim::relative:
        case Aim::page:
        case Aim::size:
        case Aim::got_base: return same || (site.kind->type == 26 || site.kind->type == 29);
        case Aim::absolute: return site.kind->width != 8 || load_le<u64>(there) == load_le<u64>(here) + distance;
        case Aim::entry: return true;
        }
        return false;
    }

    // Branches that are refused for their distance go through veneers; everything else stays.
    std::string with_veneers()
    {
        Options options = with_report(sample_.options());
        options.far = true;
        const Output far = ::modlink::link(sample_.object, options);
        const Places still = our_refusals(sample_, far.problems).places;
        const Memory memory(far);
        for (const Site& site : sample_.sites) {
            const bool was_refused = !is_applied(site);
            const bool is_refused = still.contains({site.section, site.offset});
            if (!was_refused && is_refused && !has_moved(far, site))
                return fault("refused only when veneers are on", site);
            const bool in_data = sample_.machine == elf::Machine::aarch64 && site.kind->instruction == 0;
            if (!site.kind->is_branch || in_data || is_refused || has_moved(far, site))
                continue;
            const u64 place = place_of(site);
            const u64 target = place + site.value + branch_length();
            const u64 reached = branch_target(memory, place);
            if (!was_refused && !is_missing(site) && reached != target)
                return fault("does not branch to its target", site);
            if (was_refused && veneer_target(memory, reached) != target)
                return fault("its veneer goes elsewhere", site);
        }
        return {};
    }

    // An empty section of a region without memory stands elsewhere once veneers give it some.
    bool has_moved(const Output& other, const Site& site) const
    {
        return std::any_of(other.sections.begin(), other.sections.end(), [&](const ::modlink::Section& section) {
            return section.index == sample_.symbol_sections[site.symbol] && section.address != sample_.section_addresses[section.index];
        });
    }

    // AArch64 takes branches to an undefined weak symbol for branches to the next instruction.
    bool is_missing(const Site& site) const
    {
        return sample_.machine == elf::Machine::aarch64 && sample_.symbol_sections[site.symbol] == elf::index_undefined &&
               !sample_.outside.contains("outside_" + std::to_string(site.symbol));
    }

    // x86-64 counts from the end of the instruction, four bytes behind the place.
    u64 branch_length() const { return sample_.machine == elf::Machine::x86_64 ? 4 : 0; }

    u64 branch_target(const Memory& memory, u64 place) const
    {
        const u32 word = memory.at<u32>(place).value_or(0);
        if (sample_.machine == elf::Machine::x86_64)
            return place + 4 + static_cast<u64>(i64{static_cast<i32>(word)});
        return place + static_cast<u64>(static_cast<i64>(u64{word} << 38) >> 36);
    }

    std::optional<u64> veneer_target(const Memory& memory, u64 veneer) const
    {
        return sample_.machine == elf::Machine::x86_64 ? x86_veneer_target(memory, veneer) : arm64_veneer_target(memory, veneer);
    }

    // What ENDBR64; JMP *6(%rip) goes to.
    static std::optional<u64> x86_veneer_target(const Memory& memory, u64 veneer)
    {
        constexpr u64 code = 0x0006'25ff'fa1e'0ff3;
        return memory.at<u64>(veneer) == code && memory.at<u16>(veneer + 8) == 0 ? memory.at<u64>(veneer + 16) : std::nullopt;
    }

    // What BTI C; MOVZ X16; MOVK X16 three times; BR X16 goes to.
    static std::optional<u64> arm64_veneer_target(const Memory& memory, u64 veneer)
    {
        if (memory.at<u32>(veneer) != 0xd503245fu || memory.at<u32>(veneer + 20) != 0xd61f0200u)
            return std::nullopt;
        u64 target = 0;
        for (u32 part = 0; part < 4; ++part) {
            const u32 insn = memory.at<u32>(veneer + 4 + part * 4).value_or(0);
            if ((insn & 0xffe0001f) != ((part == 0 ? 0xd2800010u : 0xf2800010u) | part << 21))
                return std::nullopt;
            target |= u64{(insn >> 5) & 0xffff} << (part * 16);
        }
        return target;
    }

    // Cortex-A53 erratum 843419: no ADRP is left at the last two instructions of a page, and each page comes out as before.
    std::string without_adrp_at_bad_offsets()
    {
        if (sample_.machine != elf::Machine::aarch64)
            return {};
        Options options = sample_.options();
        options.avoid_erratum_843419 = true;
        const Output careful = ::modlink::link(object_, options);
        if (!careful.ok())
            return "refused when the erratum is avoided: " + careful.problems.at(0);
        const Memory memory(careful), before(near_);
        for (const Site& site : sample_.sites) {
            const u64 place = place_of(site);
            const bool is_adrp = (before.at<u32>(place).value_or(0) & 0x9f000000) == 0x90000000 && site.kind->instruction == 0x90000000;
            if (!is_adrp || !is_applied(site) || (place & 0xff8) != 0xff8)
                continue;
            const auto page = page_at(memory, place);
            if (!page)
                return fault("an ADRP is left", site);
            if (*page != adrp_page(*before.at<u32>(place), place))
                return fault("another page", site);
        }
        return {};
    }

    static u64 adr_immediate(u32 insn)
    {
        return static_cast<u64>(static_cast<i64>((u64{(insn >> 5) & 0x7ffff} << 2 | ((insn >> 29) & 3)) << 43) >> 43);
    }
    static u64 adrp_page(u32 insn, u64 place) { return (place & ~u64{0xfff}) + (adr_immediate(insn) << 12); }

    // The value that the ADR, or the branch to a moved ADRP and back, leaves in the register.
    std::optional<u64> page_at(const Memory& memory, u64 place) const
    {
        const u32 insn = memory.at<u32>(place).value_or(0);
        if ((insn & 0x9f000000) == 0x10000000)
            return place + adr_immediate(insn);
        if ((insn & 0xfc000000) != 0x14000000)
            return std::nullopt;
        const u64 moved = branch_target(memory, place);
        const u32 adrp = memory.at<u32>(moved).value_or(0);
        if ((adrp & 0x9f000000) != 0x90000000 || (moved & 0xff8) == 0xff8 || branch_target(memory, moved + 4) != place + 4)
            return std::nullopt;
        return adrp_page(adrp, moved);
    }

    // GOTPCREL32 and GOTPCREL: the entry that the place names holds S + A; on x86-64 A belongs to the place.
    std::string entries_hold_addresses()
    {
        const Memory memory(near_);
        for (const Site& site : sample_.sites) {
            const bool arm64 = sample_.machine == elf::Machine::aarch64;
            if ((site.kind->type != 315 && (arm64 || site.kind->type != 9)) || !is_applied(site))
                continue;
            const u64 place = place_of(site);
            const u64 displacement = static_cast<u64>(i64{static_cast<i32>(memory.at<u32>(place).value_or(0))});
            const u64 expected = arm64 ? site.value + place : site.value + place - static_cast<u64>(site.addend);
            if (memory.at<u64>(place + displacement - (arm64 ? 0 : static_cast<u64>(site.addend))) != expected)
                return fault("the entry holds something else", site);
        }
        return {};
    }

    const Sample& sample_;
    Places refused_;
    std::vector<std::byte> object_;
    Output near_;
};

}  // namespace

std::string check_alone(const Sample& sample, Figures& figures)
{
    return SelfCheck(sample).run(figures);
}

}  // namespace tenon::test
