#pragma once

// The order of accesses to memory that a device reads and writes by itself, as the device sees it. Accesses to the device's registers
// are ordered already (<tenon/io.h>). For every context.

namespace tenon {

// Stores before it reach memory before stores after it: fill a descriptor, barrier, hand it over.
inline void dma_write_barrier()
{
#if defined(__aarch64__)
    asm volatile("dmb oshst" ::: "memory");
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

// Loads before it are done before loads and stores after it: see that the device has finished, barrier, read what it wrote.
inline void dma_read_barrier()
{
#if defined(__aarch64__)
    asm volatile("dmb oshld" ::: "memory");
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

// Everything before it comes before everything after it: hand over, barrier, look whether the device still listens.
inline void dma_barrier()
{
#if defined(__aarch64__)
    asm volatile("dmb osh" ::: "memory");
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

}  // namespace tenon
