#include "tests/support/failing_new.h"

#include <new>

namespace {

thread_local unsigned remaining = 0;  // 0: never fails
thread_local bool failed = false;

template <typename Allocate>
void* allocate(std::size_t size, Allocate allocate_normally)
{
    if (remaining != 0 && --remaining == 0) {
        failed = true;
        return nullptr;
    }
    try {
        return allocate_normally(size);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    return allocate(size, [](std::size_t bytes) { return ::operator new(bytes); });
}

void* operator new[](std::size_t size, const std::nothrow_t&) noexcept
{
    return allocate(size, [](std::size_t bytes) { return ::operator new[](bytes); });
}

namespace tenon::test {

FailingNew::FailingNew(unsigned count)
{
    remaining = count;
    failed = false;
}

FailingNew::~FailingNew()
{
    remaining = 0;
}

bool FailingNew::has_failed() const
{
    return failed;
}

}  // namespace tenon::test
