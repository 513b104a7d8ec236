#pragma once

#include "tests/litmus/model/pattern.h"

namespace litmus {

// kernel/thread/spinlock.cpp: lock() and unlock(). The place holds 0 while nobody has the lock.
template <typename Body>
void with_spinlock(Cpu& cpu, Location holder, Body&& body)
{
    cpu.wait_until_exchanged(holder, 0, 1, Order::acquire);
    body();
    cpu.store(holder, 0, Order::release);
}

}  // namespace litmus
