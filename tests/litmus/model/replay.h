#pragma once

#include <functional>
#include <optional>
#include <source_location>
#include <utility>
#include <vector>

#include "tests/litmus/model/pattern.h"

namespace litmus {

// Runs the code of one CPU again up to where it stands in an execution.
class Replay {
public:
    // `read`: a value for each step that it has made; anything for those that read nothing.
    Replay(const std::function<void(Cpu&)>& code, std::vector<Value> read);

    const std::optional<Step>& next() const { return cpu_.next_; }  // none when it is at its end
    const std::optional<std::source_location>& violation() const { return cpu_.violation_; }

private:
    Cpu cpu_;
};

}  // namespace litmus
