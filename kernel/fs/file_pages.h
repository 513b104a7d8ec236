#pragma once

#include "kernel/fs/open_file.h"
#include "kernel/mm/page_source.h"

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

}  // namespace tenon
