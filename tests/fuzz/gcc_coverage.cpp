// GCC reports each basic block by a call; libFuzzer reads arrays of counters, as clang makes them. This hands it one such array. (clang 14
// cannot compile std::expected of libstdc++ 12.) Compiled without instrumentation of its own.

#include <cstddef>
#include <cstdint>

extern "C" void __sanitizer_cov_8bit_counters_init(std::uint8_t* start, std::uint8_t* end);

namespace {

constexpr std::size_t counter_count = 1 << 16;
std::uint8_t counters[counter_count];

[[gnu::constructor]] void register_counters()
{
    __sanitizer_cov_8bit_counters_init(counters, counters + counter_count);
}

}  // namespace

// Called in the place of the hook of that name, which libFuzzer has only to refuse it (the linker option --wrap). Blocks are told apart by
// their address; two that share a counter only make the fuzzer a little less curious.
extern "C" void __wrap___sanitizer_cov_trace_pc()
{
    const auto address = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
    std::uint8_t& counter = counters[(address ^ (address >> 16)) % counter_count];
    if (counter != UINT8_MAX)
        ++counter;
}
