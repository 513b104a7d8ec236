#pragma once

#include "kernel/fs/open_file.h"
#include "kernel/mm/page_index.h"
#include "kernel/mm/page_source.h"
#include <tenon/sync.h>

namespace tenon {

// The pages of an open file: shared with the file itself when it keeps its data in pages, else copies.
class FilePages final : public PageSource {
public:
    static Result<Ref<FilePages>> create(Ref<OpenFile> file);

    Result<PageRef> page(u64 index) override;
    const void* object() const override;
    Identity identity() const override;
    void print_name(TextSink& out) const override;

private:
    explicit FilePages(Ref<OpenFile> file) : file_(std::move(file)) {}

    Ref<OpenFile> file_;
};

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
