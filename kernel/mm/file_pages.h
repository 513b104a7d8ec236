#pragma once

#include <memory>

#include "kernel/fs/open_file.h"
#include "kernel/mm/page_source.h"
#include <tenon/sync.h>

namespace tenon {

// The pages of an open file: shared with the file itself when it keeps its data in pages, else copies.
class FilePages final : public PageSource {
public:
    static Result<Ref<FilePages>> create(Ref<OpenFile> file);

    Result<PageRef> page(u64 index) override;
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
    ~SharedMemory() override;

    Result<PageRef> page(u64 index) override;
    void print_name(TextSink& out) const override;

private:
    SharedMemory() = default;

    Mutex mutex_;
    std::unique_ptr<PageRef[]> pages_;  // protected by mutex_; empty until touched
    u64 count_ = 0;
};

}  // namespace tenon
