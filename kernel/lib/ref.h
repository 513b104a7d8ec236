#pragma once

#include <atomic>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "kernel/lib/types.h"

namespace tenon {

// Base of objects that live as long as somebody holds a Ref to them. A new object starts with one reference, which
// adopt_ref() turns into the first Ref. The last release calls `delete` on the most derived type (virtual destructor of T,
// or T final).
class RefCounted {
public:
    RefCounted(const RefCounted&) = delete;
    RefCounted& operator=(const RefCounted&) = delete;

    void acquire() const { references_.fetch_add(1, std::memory_order_relaxed); }

    // Takes a reference unless the object is already being destroyed: for look-ups in tables that hold no reference.
    bool try_acquire() const
    {
        u32 count = references_.load(std::memory_order_relaxed);
        while (count != 0)
            if (references_.compare_exchange_weak(count, count + 1, std::memory_order_acquire))
                return true;
        return false;
    }

    // True when this was the last reference.
    bool release() const { return references_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

    u32 reference_count() const { return references_.load(std::memory_order_relaxed); }

protected:
    RefCounted() = default;
    ~RefCounted() = default;

private:
    mutable std::atomic<u32> references_{1};
};

// A counted pointer to a RefCounted object; may be empty.
template <typename T>
class Ref {
public:
    constexpr Ref() = default;
    constexpr Ref(std::nullptr_t) {}
    explicit Ref(T* object) : object_(object)
    {
        if (object_ != nullptr)
            object_->acquire();
    }
    Ref(const Ref& other) : Ref(other.object_) {}
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    template <typename U>
        requires std::is_convertible_v<U*, T*>
    Ref(const Ref<U>& other) : Ref(other.get())
    {
    }
    template <typename U>
        requires std::is_convertible_v<U*, T*>
    Ref(Ref<U>&& other) noexcept : object_(other.leak())
    {
    }
    ~Ref() { reset(); }

    Ref& operator=(Ref other) noexcept
    {
        std::swap(object_, other.object_);
        return *this;
    }

    // Takes over the reference that the caller owns.
    static Ref adopt(T* object)
    {
        Ref ref;
        ref.object_ = object;
        return ref;
    }

    // Gives up the reference without releasing it; the caller owns it now.
    T* leak() { return std::exchange(object_, nullptr); }

    void reset()
    {
        T* object = leak();
        if (object != nullptr && object->release())
            delete object;
    }

    T* get() const { return object_; }
    T& operator*() const { return *object_; }
    T* operator->() const { return object_; }
    explicit operator bool() const { return object_ != nullptr; }
    friend bool operator==(const Ref& a, const Ref& b) { return a.object_ == b.object_; }

private:
    T* object_ = nullptr;
};

// The first reference of an object just made with `new (std::nothrow)`; empty when the allocation failed.
template <typename T>
Ref<T> adopt_ref(T* object)
{
    return Ref<T>::adopt(object);
}

}  // namespace tenon
