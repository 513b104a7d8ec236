#pragma once

#include "kernel/mm/page_index.h"
#include "kernel/mm/page_source.h"
#include <tenon/sync.h>

namespace tenon {

// Memory without a file that processes share after fork: mmap(MAP_SHARED | MAP_ANONYMOUS).
class SharedMemory final : public PageSource {
public:
    static Result<Ref<SharedMemory>> create(u64 pages);

    Result<PageRef> page(u64 index) override;
    void print_name(TextSink& out) const override;

private:
    explicit SharedMemory(u64 count) : count_(count) {}

    Mutex mutex_;
    PageIndex pages_{ledger::Kind::shared_memory};  // protected by mutex_
    const u64 count_;
};

}  // namespace tenon
