#pragma once

namespace tenon {

// Base of types that own something that cannot be copied. Moving stays possible when the type defines it.
class NoCopy {
protected:
    constexpr NoCopy() = default;
    ~NoCopy() = default;

public:
    NoCopy(const NoCopy&) = delete;
    NoCopy& operator=(const NoCopy&) = delete;
};

}  // namespace tenon
