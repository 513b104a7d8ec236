#include "tests/differential/random/sample.h"

#include <algorithm>
#include <set>

#include "kernel/lib/bits.h"
#include "tests/differential/random/random.h"
#include "tests/differential/random/sections.h"

namespace tenon::test {
namespace {

constexpr u64 page_of(u64 address)
{
    return address & ~u64{0xfff};
}

class SampleMaker {
public:
    explicit SampleMaker(u64 seed)
        : random_(seed), machine_(random_.chance(50) ? elf::Machine::aarch64 : elf::Machine::x86_64),
          judge_(random_.one_of({Judge::gnu, Judge::lld, Judge::self})), builder_(machine_)
    {
    }

    Sample run()
    {
        sample_.machine = machine_;
        sample_.judge = judge_;
        SectionMaker(machine_, judge_, random_).add_to(builder_, sample_);
        choose_places();
        add_locals();
        locals_ = builder_.symbols().size();
        add_globals();
        find_sections();
        choose_got_symbols();
        for (Site& site : sample_.sites)
            aim(site);
        for (const elf::Symbol& symbol : builder_.symbols())
            sample_.symbol_sections.push_back(symbol.section);
        builder_.finish();
        builder_.header(builder_.symbol_table()).info = static_cast<u32>(locals_);
        sample_.object = builder_.build();
        return std::move(sample_);
    }

private:
    // Regions one behind the other, at distances around the ranges of branches and words.
    void choose_places()
    {
        const bool arm64 = machine_ == elf::Machine::aarch64;
        // No region begins at 2 GiB: lld takes the first bytes behind for an immediate that sign-extends to them.
        base_ = arm64 ? random_.one_of({0xffff'8000'0800'0000, u64{0x10000}, u64{0x7fd0'0000}, u64{0xffff'fd0'0000}})
                      : random_.one_of({0xffff'ffff'a000'0000, u64{0x10000}, u64{0x7fd8'0000}, u64{0x5555'0000'0000}});
        constexpr u64 room = 0x100'0000;
        stride_ = random_.one_of({u64{0x10'0000}, u64{0x10'0000}, u64{0x10'0000}, u64{0x40'0000}, u64{0x100'0000}});
        for (u64 region = 0; region < sample_.places.size(); ++region)
            sample_.places[region] = base_ + region * stride_;
        outside_ = base_ + sample_.places.size() * stride_ + room;
    }

    void add_locals()
    {
        const u32 count = static_cast<u32>(sample_.section_names.size());
        for (u32 section = 1; section < count; ++section) {
            builder_.symbol({.name = "",
                             .section = static_cast<u16>(section),
                             .binding = elf::SymbolBinding::local,
                             .type = elf::SymbolType::section});
            if (random_.chance(50))
                define("local", elf::SymbolBinding::local, section);
        }
        absolute(elf::SymbolBinding::local);
    }

    void add_globals()
    {
        for (u32 section = 1; section < sample_.section_names.size(); ++section)
            if (random_.chance(50))
                define("global", random_.one_of({elf::SymbolBinding::global, elf::SymbolBinding::weak}), section);
        absolute(elf::SymbolBinding::global);
        for (u64 left = 1 + random_.below(6); left != 0; --left) {
            const std::string name = numbered("outside");
            sample_.outside[name] = outside_ + random_.below(0x200'0000);
            builder_.symbol({.name = name});
        }
        if (random_.chance(50))
            builder_.symbol({.name = numbered("missing"), .binding = elf::SymbolBinding::weak});
    }

    void define(std::string_view name, elf::SymbolBinding binding, u32 section)
    {
        const u64 size = builder_.header(section).size;
        const bool function = builder_.header(section).executable();
        builder_.symbol({.name = numbered(name),
                         .section = static_cast<u16>(section),
                         .value = machine_ == elf::Machine::aarch64 && function ? align_down(random_.below(size + 1), 4)
                                                                               : random_.below(size + 1),
                         .size = random_.chance(50) ? random_.below(size + 1) : random_.bits() >> random_.below(64),
                         .binding = binding,
                         .type = function ? elf::SymbolType::function : elf::SymbolType::object});
    }

    void absolute(elf::SymbolBinding binding)
    {
        for (u64 left = random_.below(4); left != 0; --left)
            builder_.symbol({.name = numbered("absolute"),
                             .section = elf::index_absolute,
                             .value = random_.chance(50) ? random_.bits() >> random_.below(64) : 0 - (random_.bits() >> random_.below(64)),
                             .binding = binding});
    }

    std::string numbered(std::string_view name)
    {
        return std::string(name) + "_" + std::to_string(builder_.symbols().size());
    }

    // Where each section will stand: what the relocations are computed from does not matter to that, only which types there are.
    void find_sections()
    {
        ObjectBuilder builder = builder_;
        for (const Site& site : sample_.sites)
            builder.relocation(site.section, site.offset, site.kind->type, 1, 0);
        sample_.section_addresses.resize(sample_.section_names.size());
        for (const ::modlink::Section& section : ::modlink::link(builder.build(), sample_.options()).sections)
            if (section.index < sample_.section_addresses.size())
                sample_.section_addresses[section.index] = section.address;
    }

    // An entry of the GOT belongs to an address here and to a symbol elsewhere: only symbols with addresses of their own.
    void choose_got_symbols()
    {
        std::set<u64> addresses;
        for (u32 index = static_cast<u32>(locals_); index < builder_.symbols().size(); ++index) {
            const elf::Symbol& symbol = builder_.symbols()[index];
            const bool usable = judge_ == Judge::self || symbol.section != elf::index_absolute;
            if (usable && addresses.insert(address_of(index)).second)
                got_symbols_.push_back(index);
        }
        if (judge_ == Judge::gnu && machine_ == elf::Machine::aarch64 &&
            std::any_of(sample_.sites.begin(), sample_.sites.end(), [](const Site& site) { return site.kind->type == 309; }))
            got_symbols_.resize(1);
    }

    u64 address_of(u32 index)
    {
        const elf::Symbol& symbol = builder_.symbols()[index];
        if (symbol.section == elf::index_absolute)
            return symbol.value;
        if (symbol.section != elf::index_undefined)
            return sample_.section_addresses[symbol.section] + symbol.value;
        const auto outside = sample_.outside.find(name_of(index));
        return outside != sample_.outside.end() ? outside->second : 0;
    }

    std::string name_of(u32 index) const { return "outside_" + std::to_string(index); }

    bool is_missing(u32 index)
    {
        return builder_.symbols()[index].undefined() && !sample_.outside.contains(name_of(index));
    }

    // Where others have another meaning or none for an undefined weak symbol: GNU ld takes conditional branches to one for branches to
    // themselves, and on x86-64 does not mind displacements that do not reach it; lld has no value for MOVW_PREL and PLT32.
    bool may_be_missing(const Kind& kind) const
    {
        if (judge_ == Judge::self)
            return true;
        if (machine_ == elf::Machine::x86_64)
            return judge_ == Judge::lld || kind.aim != Aim::relative;
        return judge_ == Judge::gnu ? kind.type != 279 && kind.type != 280 : (kind.type < 287 || kind.type > 293) && kind.type != 314;
    }

    u32 choose_symbol(const Kind& kind)
    {
        if (kind.aim == Aim::entry)
            return random_.one_of(std::span<const u32>(got_symbols_));
        const u32 symbol = static_cast<u32>(1 + random_.below(builder_.symbols().size() - 1));
        // GNU ld for AArch64 ends with a signal over a branch to a local absolute symbol.
        const bool bad_branch = kind.is_branch && judge_ == Judge::gnu && symbol < locals_ && builder_.symbols()[symbol].section == elf::index_absolute;
        return bad_branch || (is_missing(symbol) && !may_be_missing(kind)) ? 1 : symbol;
    }

    void aim(Site& site)
    {
        const Kind& kind = *site.kind;
        site.symbol = choose_symbol(kind);
        const u64 place = sample_.section_addresses[site.section] + site.offset;
        const u64 symbol = address_of(site.symbol);
        u64 wish = wished_value(kind, is_missing(site.symbol));
        // lld sends a branch to the other end of the address space through a thunk, and every one to the last bytes that are in reach.
        const bool wraps = static_cast<i64>(wish) < 0 ? place < 0 - wish : place + wish < place;
        const u64 last = (u64{1} << (kind.bits - 1)) - 4;
        if (kind.is_branch && judge_ != Judge::self && (wraps || static_cast<i64>(wish) > static_cast<i64>(last)))
            wish = 0;
        if (kind.aim != Aim::entry && kind.aim != Aim::got_base)
            site.value = kind.aim == Aim::page ? wish << 12 : wish;
        u64 addend = wish - symbol;
        switch (kind.aim) {
        case Aim::absolute: break;
        case Aim::relative: addend += is_missing(site.symbol) ? 0 : place; break;
        case Aim::page: addend = is_missing(site.symbol) ? 0 : page_of(place) + (wish << 12) + random_.below(4096) - symbol; break;
        case Aim::size: addend = wish - builder_.symbols()[site.symbol].size; break;
        case Aim::entry:
            addend = machine_ == elf::Machine::x86_64 ? 0 - u64{4} : judge_ == Judge::self && random_.chance(30) ? random_.below(64) : 0;
            break;
        case Aim::got_base: addend = random_.below(4096); break;
        }
        site.addend = static_cast<i64>(addend);
        if (kind.aim == Aim::entry || (machine_ == elf::Machine::x86_64 && kind.aim == Aim::relative))
            site.value = symbol + addend - place;  // for an entry, once it is spared
        builder_.relocation(site.section, site.offset, kind.type, site.symbol, site.addend);
    }

    // In range for most; at the edges and beyond for some.
    u64 wished_value(const Kind& kind, bool missing)
    {
        const u64 step = kind.scale;
        const unsigned bits = kind.aim == Aim::page ? kind.bits - 12u : kind.bits;
        if (missing)
            return kind.is_branch && judge_ != Judge::self ? 0 : random_.below(4) * step;
        const u64 small = random_.bits() >> random_.below(64);
        if (kind.fit == Fit::any)
            return align_down(random_.chance(50) ? small : 0 - small, step) + (step > 1 && random_.chance(3) ? 1 : 0);
        const bool negative = kind.fit != Fit::is_unsigned;
        const u64 lowest = negative ? 0 - (u64{1} << (bits - 1)) : 0;
        const u64 highest = (u64{1} << (kind.fit == Fit::is_signed ? bits - 1 : bits)) - step;
        const u64 dice = random_.below(100);
        if (dice < 60)
            return align_down(lowest + random_.bits() % (highest - lowest), step);
        if (dice < 80)
            return align_down(small % (highest + 1), step);
        if (dice < 86)
            return lowest;
        if (dice < 92)
            return highest;
        if (kind.is_branch && judge_ != Judge::self)
            return 0;
        if (dice < 94)
            return lowest - step;
        if (dice < 96)
            return highest + step;
        return dice < 98 && step > 1 ? step / 2 : 0 - align_down(small, step);
    }

    Random random_;
    elf::Machine machine_;
    Judge judge_;
    ObjectBuilder builder_;
    Sample sample_;
    usize locals_ = 0;
    u64 base_ = 0;
    u64 stride_ = 0;
    u64 outside_ = 0;
    std::vector<u32> got_symbols_;
};

}  // namespace

::modlink::Options Sample::options(u64 distance) const
{
    ::modlink::Options options;
    options.place = [places = places, distance](::modlink::RegionKind kind, u64, u64) {
        return places[static_cast<usize>(kind)] + distance;
    };
    options.resolve = [outside = outside, distance](std::string_view name) -> std::optional<u64> {
        const auto found = outside.find(name);
        return found != outside.end() ? std::optional(found->second + distance) : std::nullopt;
    };
    return options;
}

Sample make_sample(u64 seed)
{
    return SampleMaker(seed).run();
}

}  // namespace tenon::test
