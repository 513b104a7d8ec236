#include "tests/unit/arch/x86/reloc/edges.h"

#include "arch/x86/reloc/relocator.h"

namespace tenon::arch::x86 {
namespace {

constexpr i64 p(unsigned bits)
{
    return i64{1} << bits;
}

constexpr i64 none = unchecked;

constexpr Edge table[] = {
    {1, X::absolute, 8, none, 0},                      // 64
    {2, X::relative, 4, -p(31), p(31) - 1},            // PC32
    {4, X::relative, 4, -p(31), p(31) - 1},            // PLT32
    {9, X::entry_relative, 4, -p(31), p(31) - 1},      // GOTPCREL
    {10, X::absolute, 4, 0, p(32) - 1},                // 32: zero-extends
    {11, X::absolute, 4, -p(31), p(31) - 1},           // 32S: sign-extends
    {12, X::absolute, 2, -p(15), p(16) - 1},           // 16
    {13, X::relative, 2, -p(15), p(15) - 1},           // PC16
    {14, X::absolute, 1, -p(7), p(8) - 1},             // 8
    {15, X::relative, 1, -p(7), p(7) - 1},             // PC8
    {24, X::relative, 8, none, 0},                     // PC64
    {25, X::got_relative, 8, none, 0},                 // GOTOFF64
    {26, X::got_place, 4, -p(31), p(31) - 1},          // GOTPC32
    {29, X::got_place, 8, none, 0},                    // GOTPC64
    {32, X::size, 4, 0, p(32) - 1},                    // SIZE32
    {33, X::size, 8, none, 0},                         // SIZE64
    {41, X::entry_relative, 4, -p(31), p(31) - 1},     // GOTPCRELX
    {42, X::entry_relative, 4, -p(31), p(31) - 1},     // REX_GOTPCRELX
};

constexpr u32 needs_entry = 9;

}  // namespace

std::span<const Edge> edges()
{
    return table;
}

EdgeFixup::EdgeFixup(const Edge& edge, i64 x) : OneFixup(relocator(), edge.type), edge_(edge), x_(x)
{
    u64 got = 0xffff'8000'2000'0000;
    const u64 entry = 0xffff'8000'3000'0000;  // a multiple of 8, as the linker makes them
    addend = -4;
    const u64 distance = static_cast<u64>(x) + 4;  // X - A
    symbol = 0xffff'8000'1234'5678;
    switch (edge.x) {
    case X::absolute: symbol = distance; break;
    case X::relative: symbol = place + distance; break;
    case X::got_relative: symbol = got + distance; break;
    case X::got_place: got = place + distance; break;
    case X::entry_relative: place = entry - distance; break;
    case X::size: symbol_size = distance; break;
    }
    got_ = std::make_unique<test::Got>(relocator(), needs_entry, got, entry);
    cells = &got_->cells();
}

decltype(EdgeFixup::section) EdgeFixup::expected() const
{
    auto bytes = section;
    std::memcpy(bytes.data() + offset, &x_, edge_.bytes);
    return bytes;
}

}  // namespace tenon::arch::x86
