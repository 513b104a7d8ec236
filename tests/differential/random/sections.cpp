#include "tests/differential/random/sections.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "kernel/lib/bits.h"

namespace tenon::test {
namespace {

bool knows(Judge judge, const Kind& kind)
{
    const u8 flag = judge == Judge::gnu ? static_cast<u8>(Known::gnu) : static_cast<u8>(Known::lld);
    return judge == Judge::self || (static_cast<u8>(kind.known) & flag) != 0;
}

bool of_got(const Kind& kind)
{
    return kind.aim == Aim::entry || kind.aim == Aim::got_base;
}

// The bits of an A64 instruction that the relocation fills in.
u32 field_of(u32 instruction)
{
    switch (instruction >> 24) {
    case 0x14:
    case 0x94: return 0x03ffffff;  // B, BL
    case 0x36: return 0x0007ffe0;  // TBZ
    case 0x54:
    case 0x58: return 0x00ffffe0;  // B.cond, LDR (literal)
    case 0x10:
    case 0x90: return 0x60ffffe0;  // ADR, ADRP
    case 0xd2:
    case 0xf2: return 0x001fffe0;  // MOVZ, MOVK
    default: return 0x003ffc00;    // ADD, loads
    }
}

constexpr u64 load = elf::section_alloc;
constexpr u64 code = load | elf::section_exec;
constexpr u64 data = load | elf::section_write;

}  // namespace

const std::array<SectionMaker::Variety, 12> SectionMaker::varieties = {{
    {".text", code},
    {".text.unlikely", code},
    {".exit.text", code},
    {".rodata", load},
    {".note", load, elf::SectionType::note},
    {".data..ro_after_init", data},
    {".data", data},
    {".bss", data, elf::SectionType::nobits},
    {".init.text", code, elf::SectionType::progbits, true},
    {".init.rodata", load, elf::SectionType::progbits, true},
    {".init.data", data, elf::SectionType::progbits, true},
    {".init_array", data, elf::SectionType::init_array, true},
}};

// Other linkers have one GOT for both life times, so that only one of them may use it. GNU ld orders its entries by a hash table: where
// that matters to more than the load of an entry there is a single one.
SectionMaker::SectionMaker(elf::Machine machine, Judge judge, Random& random)
    : machine_(machine), judge_(judge), random_(random), with_got_(random.chance(50)), got_in_init_(random.chance(30)),
      many_entries_(judge != Judge::gnu || random.chance(50)), density_(static_cast<unsigned>(20 + random.below(80)))
{
    for (const Kind& kind : kinds_of(machine)) {
        const bool by_order = judge == Judge::gnu && machine == elf::Machine::aarch64 && of_got(kind) && kind.type != 311 && kind.type != 312;
        const bool known = knows(judge, kind) && (!of_got(kind) || with_got_) && (!by_order || (!many_entries_ && kind.type == 309));
        if (known)
            kinds_.push_back(&kind);
    }
}

void SectionMaker::add_to(ObjectBuilder& builder, Sample& sample)
{
    const u64 count = random_.chance(3) ? 100 + random_.below(200) : 1 + random_.below(20);
    sample.section_names.emplace_back();
    for (u64 index = 0; index < count; ++index)
        add_one(builder, sample, random_.one_of(std::span<const Variety>(varieties)));
}

u64 SectionMaker::size_for(const Variety& variety)
{
    const u64 limit = random_.one_of({u64{1}, u64{9}, u64{64}, u64{400}, u64{400}, u64{2000}, u64{6000}});
    const u64 size = random_.below(limit);
    return (variety.flags & elf::section_exec) != 0 && machine_ == elf::Machine::aarch64 ? align_down(size, 4) : size;
}

void SectionMaker::add_one(ObjectBuilder& builder, Sample& sample, const Variety& variety)
{
    const bool instructions = (variety.flags & elf::section_exec) != 0 && machine_ == elf::Machine::aarch64;
    const u64 size = size_for(variety);
    u64 alignment = random_.chance(90) ? u64{1} << random_.below(7) : u64{1} << random_.below(13);
    if (instructions)
        alignment = std::max<u64>(alignment, 4);
    else if (alignment == 1 && random_.chance(20))
        alignment = 0;
    const std::string name = std::string(variety.name) + "." + std::to_string(sample.section_names.size());
    sample.section_names.push_back(name);
    std::vector<std::byte> bytes(variety.type == elf::SectionType::nobits ? 0 : size);
    fill(bytes, variety, static_cast<u32>(sample.section_names.size() - 1), sample);
    builder.section({.name = sample.section_names.back(),
                     .type = variety.type,
                     .flags = variety.flags,
                     .alignment = alignment,
                     .nobits_size = variety.type == elf::SectionType::nobits ? size : 0},
                    bytes);
}

bool SectionMaker::applies(const Kind& kind, const Variety& variety) const
{
    const bool executable = (variety.flags & elf::section_exec) != 0;
    if (of_got(kind) && judge_ != Judge::self && variety.init != got_in_init_)
        return false;
    if (machine_ == elf::Machine::aarch64)
        return kind.instruction == 0 || executable;
    return kind.aim != Aim::entry || executable;
}

void SectionMaker::fill(std::vector<std::byte>& bytes, const Variety& variety, u32 section, Sample& sample)
{
    const bool executable = (variety.flags & elf::section_exec) != 0;
    for (std::byte& byte : bytes)
        byte = static_cast<std::byte>(random_.bits());
    std::vector<const Kind*> kinds;
    std::copy_if(kinds_.begin(), kinds_.end(), std::back_inserter(kinds), [&](const Kind* kind) { return applies(*kind, variety); });
    constexpr u64 longest = 16;
    for (u64 at = random_.below(longest); at + longest <= bytes.size();) {
        const Kind& kind = *random_.one_of(std::span<const Kind* const>(kinds));
        if (machine_ == elf::Machine::aarch64 && (executable || random_.chance(50)))
            at = align_up(at, kind.instruction != 0 || executable ? 4 : kind.width);
        if (at + longest > bytes.size())
            break;
        if (!random_.chance(density_)) {
            at += 1 + random_.below(longest);
            continue;
        }
        const u64 place = write_around(bytes, at, kind, executable);
        sample.sites.push_back({&kind, section, place, 0, 0, 0});
        at = place + kind.width + (random_.chance(70) ? 0 : random_.below(64));
    }
}

// An instruction, as far as the type asks for one, from `offset` on; returns the place in it.
u64 SectionMaker::write_around(std::vector<std::byte>& bytes, u64 offset, const Kind& kind, bool executable)
{
    const auto put = [&](u64 at, std::initializer_list<u8> code) {
        for (const u8 byte : code)
            bytes[at++] = static_cast<std::byte>(byte);
        return at;
    };
    const u8 reg = static_cast<u8>(random_.below(8) << 3);
    if (kind.instruction != 0) {
        u32 instruction = kind.instruction | (kind.is_branch ? 0 : static_cast<u32>(random_.below(32)));
        const bool has_base = kind.type == 277 || kind.type == 278 || (kind.type >= 284 && kind.type <= 286) || kind.type == 299;
        if (has_base)
            instruction |= static_cast<u32>(random_.below(32)) << 5;
        if (kind.fit == Fit::is_signed && (kind.instruction & 0x7f800000) == 0x52800000 && random_.chance(50))
            instruction ^= 1u << 30;  // MOVN: the sign decides
        // What stands in the field already is nothing to RELA; lld relies on zeros.
        if (judge_ != Judge::lld && random_.chance(50))
            instruction |= static_cast<u32>(random_.bits()) & field_of(kind.instruction);
        std::memcpy(bytes.data() + offset, &instruction, sizeof(instruction));
        return offset;
    }
    if (machine_ != elf::Machine::x86_64 || !executable)
        return offset;
    const u8 operation = random_.one_of({u8{0x8b}, u8{0x8b}, u8{0x85}, u8{0x03}, u8{0x0b}, u8{0x13}, u8{0x1b}, u8{0x23}, u8{0x2b},
                                         u8{0x33}, u8{0x3b}});
    switch (kind.type) {
    case 2: return random_.chance(50) ? put(offset, {0x48, 0x8d, static_cast<u8>(0x05 | reg)}) : put(offset, {0xe8});
    case 4: return put(offset, {random_.one_of({u8{0xe8}, u8{0xe9}})});
    case 9: return put(offset, {0x48, 0x8b, static_cast<u8>(0x05 | reg)});
    case 41:
        if (random_.chance(40))
            return put(offset, {0x90, 0xff, random_.one_of({u8{0x15}, u8{0x25}})});
        return put(offset, {0x90, operation, static_cast<u8>(0x05 | reg)});
    case 42: return put(offset, {random_.one_of({u8{0x48}, u8{0x4c}}), operation, static_cast<u8>(0x05 | reg)});
    default: return offset;
    }
}

}  // namespace tenon::test
