#include "tests/support/frames.h"

namespace tenon {
namespace test {

ledger::Account account(2, 1000);
std::map<u64, int> frame_holders;

}  // namespace test

namespace ledger {

Account& current()
{
    return test::account;
}

}  // namespace ledger

namespace frames {

Result<PhysAddr> allocate(unsigned, Zeroed)
{
    return fail(Errno::nomem);
}

void acquire(PhysAddr address)
{
    ++test::frame_holders[address.value()];
}

void release(PhysAddr address)
{
    if (--test::frame_holders[address.value()] == 0)
        test::frame_holders.erase(address.value());
}

u32 reference_count(PhysAddr address)
{
    const auto found = test::frame_holders.find(address.value());
    return found == test::frame_holders.end() ? 0 : static_cast<u32>(found->second);
}

}  // namespace frames
}  // namespace tenon
