#pragma once

namespace tenon::test {

// Below 8.
bool is_small(unsigned number);

// The bits 4 to 7 of a number.
unsigned middle(unsigned number);

// Takes one of what is left; false when nothing is.
bool take_one(unsigned& left);

}  // namespace tenon::test
