#include "kernel/debug/taint.h"

#include <atomic>
#include <utility>

namespace tenon::taint {
namespace {

constinit std::atomic<u64> present{0};

}  // namespace

void add(Reason reason)
{
    add_bits(u64{1} << std::to_underlying(reason));
}

void add_bits(u64 bits)
{
    present.fetch_or(bits, std::memory_order_relaxed);
}

u64 bits()
{
    return present.load(std::memory_order_relaxed);
}

}  // namespace tenon::taint
