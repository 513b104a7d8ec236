#pragma once

#include <compare>

#include "kernel/lib/types.h"

// Addresses of different spaces are different types: a physical address cannot be dereferenced,
// and a user address is reached only through kernel/mm/user_access.h.

namespace tenon {

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

private:
    u64 value_ = 0;
};

using PhysAddr = Address<struct PhysicalTag>;
using UserAddr = Address<struct UserTag>;

// A kernel virtual address that may be executable, unmapped or not yet mapped; `pointer` says that it is mapped now.
class KernelAddr : public Address<struct KernelTag> {
public:
    using Address::Address;
    constexpr KernelAddr(Address other) : Address(other) {}
    static KernelAddr of(const void* pointer) { return KernelAddr(reinterpret_cast<u64>(pointer)); }

    template <typename T = std::byte>
    T* pointer() const
    {
        return reinterpret_cast<T*>(value());
    }
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
