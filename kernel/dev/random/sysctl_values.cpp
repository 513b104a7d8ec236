#include <array>

#include "kernel/dev/random/random.h"
#include "kernel/fs/procfs/sysctl.h"

namespace tenon::sysctl {
namespace {

constexpr i64 pool_bits = 256;  // of the generator's key

using Identifier = std::array<std::byte, 16>;

// A random one: version 4, variant 1 (RFC 4122, section 4.4).
Identifier make_identifier()
{
    Identifier bytes;
    random::fill(bytes);
    bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
    bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
    return bytes;
}

void print(TextSink& out, const Identifier& bytes)
{
    for (usize index = 0; index < bytes.size(); ++index) {
        const bool starts_group = index == 4 || index == 6 || index == 8 || index == 10;
        format_to(out, "{}{:02x}", starts_group ? "-" : "", static_cast<u32>(bytes[index]));
    }
    out.write("\n");
}

}  // namespace

Result<> add_random_values()
{
    static const Identifier of_this_boot = make_identifier();
    TRY(add_text("kernel/random/boot_id", [](TextSink& out) { print(out, of_this_boot); }));
    TRY(add_text("kernel/random/uuid", [](TextSink& out) { print(out, make_identifier()); }));
    TRY(add_number("kernel/random/poolsize", {.get = [] { return pool_bits; }}));
    return add_number("kernel/random/entropy_avail", {.get = [] { return pool_bits; }});
}

}  // namespace tenon::sysctl
