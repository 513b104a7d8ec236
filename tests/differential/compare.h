#pragma once

#include <array>
#include <span>
#include <string>

#include <modlink/modlink.h>

#include "tests/differential/other_linker.h"

namespace tenon::test {

struct Comparison {
    std::string difference;  // empty when the results agree
    u64 bytes = 0;           // compared
    std::array<unsigned, reason_count> explained{};  // places that differ in bytes and agree in meaning, by Reason
};

Comparison compare(std::span<const std::byte> object, const ::modlink::Output& ours, const OtherLinker::Linked& theirs);

}  // namespace tenon::test
