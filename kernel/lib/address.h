#pragma once

#include <compare>
#include <concepts>
#include <cstddef>

#include "kernel/lib/types.h"

// Addresses of different spaces are different types: a physical address cannot be dereferenced,
// and a user address is reached only through kernel/mm/user_access.h.

namespace tenon {

struct PhysicalTag;
struct UserTag;
struct KernelTag;

template <typename Tag>
class Address {
public:
    constexpr Address() = default;
    explicit constexpr Address(u64 value) : value_(value) {}

    constexpr u64 value() const { return value_; }
    constexpr Address operator+(u64 offset) const { return Address(value_ + offset); }
    constexpr Address operator-(u64 offset) const { return Address(value_ - offset); }
    constexpr u64 operator-(Address other) const { return value_ - other.value_; }
    constexpr Address& operator+=(u64 offset)
    {
        value_ += offset;
        return *this;
    }
    constexpr auto operator<=>(const Address&) const = default;

    // Kernel addresses only; the caller knows that it is mapped now.
    template <typename T = std::byte>
        requires std::same_as<Tag, KernelTag>
    T* pointer() const
    {
        return reinterpret_cast<T*>(value_);
    }

    static Address of(const void* pointer)
        requires std::same_as<Tag, KernelTag>
    {
        return Address(reinterpret_cast<u64>(pointer));
    }

private:
    u64 value_ = 0;
};

using PhysAddr = Address<PhysicalTag>;
using UserAddr = Address<UserTag>;
// A kernel virtual address: may be executable, unmapped or not yet mapped.
using KernelAddr = Address<KernelTag>;

struct PhysRange {
    PhysAddr start;
    PhysAddr end;

    constexpr u64 size() const { return end <= start ? 0 : end - start; }
};

// An object of type T in the address space of the calling process; not validated.
template <typename T>
class UserPtr {
public:
    constexpr UserPtr() = default;
    explicit constexpr UserPtr(u64 value) : address_(value) {}
    explicit constexpr UserPtr(UserAddr address) : address_(address) {}

    constexpr UserAddr address() const { return address_; }
    constexpr bool is_null() const { return address_.value() == 0; }
    constexpr UserPtr operator+(u64 count) const { return UserPtr(address_ + count * sizeof(T)); }
    template <typename U>
    constexpr UserPtr<U> as() const
    {
        return UserPtr<U>(address_);
    }

private:
    UserAddr address_;
};

template <>
class UserPtr<void> {
public:
    constexpr UserPtr() = default;
    explicit constexpr UserPtr(u64 value) : address_(value) {}
    explicit constexpr UserPtr(UserAddr address) : address_(address) {}

    constexpr UserAddr address() const { return address_; }
    constexpr bool is_null() const { return address_.value() == 0; }
    template <typename U>
    constexpr UserPtr<U> as() const
    {
        return UserPtr<U>(address_);
    }

private:
    UserAddr address_;
};

}  // namespace tenon
