#pragma once

#include <array>
#include <cstring>

#include "module/link/cell_pool.h"
#include "module/link/relocator.h"

namespace tenon::test {

// One relocation by itself, at an address of choice.
class OneFixup {
public:
    OneFixup(const modlink::Relocator& relocator, u32 type) : relocator_(relocator), type_(type) {}

    u64 place = 0xffff'8000'1000'0000;
    u64 symbol = 0;
    i64 addend = 0;
    u64 symbol_size = 0;
    modlink::BindingKind kind = modlink::BindingKind::defined;
    usize offset = 8;  // of the place in the section
    modlink::CellPool* cells = nullptr;  // without: none to be had
    alignas(16) std::array<std::byte, 24> section{};

    void put(u32 word) { std::memcpy(section.data() + offset, &word, sizeof(word)); }
    template <typename T = u32>
    T get() const
    {
        T word;
        std::memcpy(&word, section.data() + offset, sizeof(word));
        return word;
    }

    modlink::FixupError apply()
    {
        const elf::Rela entry{offset, (u64{1} << 32) | type_, addend};
        const std::array<u64, 2> values{0, symbol};
        const std::array<modlink::BindingKind, 2> kinds{modlink::BindingKind::defined, kind};
        std::array<elf::Symbol, 2> symbols{};
        symbols[1].size = symbol_size;
        modlink::CellPool none;
        const auto refusal = relocator_.apply({.entries = {&entry, 1},
                                               .values = values,
                                               .kinds = kinds,
                                               .symbols = symbols,
                                               .place = place - offset,
                                               .bytes = section},
                                              cells != nullptr ? *cells : none);
        value = refusal ? refusal->value : 0;
        return refusal ? refusal->error : modlink::FixupError::none;
    }

    i64 value = 0;  // of the refusal

private:
    const modlink::Relocator& relocator_;
    u32 type_;
};

}  // namespace tenon::test
