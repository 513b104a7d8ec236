#include "tests/mutate/sample/sample.h"

namespace tenon::test {
namespace {

constexpr unsigned limit = 8;

}  // namespace

bool is_small(unsigned number)
{
    return number < limit;
}

unsigned middle(unsigned number)
{
    return number & 0xf0;
}

bool take_one(unsigned& left)
{
    if (left == 0)
        return false;
    left -= 1;
    return true;
}

}  // namespace tenon::test
