#pragma once

#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace tenon::tools {

// Starts a thread that works beside the caller and is joined when the result dies. Nothing when the system has no thread to give:
// the caller then does the work itself.
template <typename Work>
std::optional<std::jthread> start_helper(Work work)
{
    try {
        return std::jthread(std::move(work));
    } catch (const std::system_error&) {
        return std::nullopt;
    }
}

}  // namespace tenon::tools
