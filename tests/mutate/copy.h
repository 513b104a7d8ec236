#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/mutate/points.h"

namespace tenon::mutate {

// The source with every point that is not fixed switchable by tests/mutate/selectors.h; lines stay what they were.
std::string switchable_copy(std::string_view source, const std::vector<Token>& tokens, const std::vector<Point>& points);

// The source with one change, the `index`-th of the point.
std::string changed_copy(std::string_view source, const std::vector<Token>& tokens, const Point& point, usize index);

// The line of the point with the change in it: `if (a {< -> <=} b)`. It names the mutant in reports and in the list of equivalents.
std::string describe(std::string_view source, const std::vector<Token>& tokens, const Point& point, usize index);

}  // namespace tenon::mutate
