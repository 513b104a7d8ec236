#include <charconv>

#include "kernel/proc/procfs_process.h"

// /proc/PID/fd: one link for each open descriptor.

namespace tenon::procfs {

namespace {

class DescriptorLink final : public pseudo::Link {
public:
    DescriptorLink(pseudo::Tree& tree, Ref<OpenFile> file) : Link(tree), file_(std::move(file)) {}
    Result<> target(TextSink& out) override
    {
        if (!file_->path().is_empty())
            file_->path().print(out);
        else
            format_to(out, "pipe:[{}]", file_->inode() == nullptr ? 0 : file_->inode()->attributes().number);
        return {};
    }
    Ref<OpenFile> linked_file() override { return file_; }

private:
    Ref<OpenFile> file_;
};

class DescriptorDirectory final : public pseudo::Node {
public:
    DescriptorDirectory(pseudo::Tree& tree, Ref<Process> process)
        : Node(tree, mode::directory | 0500), process_(std::move(process))
    {
    }

    Result<Ref<Inode>> lookup(std::string_view name) override
    {
        int descriptor = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), descriptor);
        const auto files = process_->share_files();
        if (error != std::errc() || end != name.data() + name.size() || !files)
            return fail(Errno::noent);
        auto file = files->get(descriptor);
        if (!file)
            return fail(Errno::noent);
        auto link = adopt_ref(new (std::nothrow) DescriptorLink(tree(), std::move(*file)));
        if (!link)
            return fail(Errno::nomem);
        return link;
    }

    Result<> read_directory(u64 cookie, DirectorySink& sink) override
    {
        const auto files = process_->share_files();
        for (u64 descriptor = cookie; files && descriptor < FileTable::limit; ++descriptor) {
            if (!files->get(static_cast<int>(descriptor)))
                continue;
            const FixedText<12> name("{}", descriptor);
            if (!sink.emit(name.view(), descriptor + 1, mode::symlink, descriptor + 1))
                break;
        }
        return {};
    }

private:
    Ref<Process> process_;
};

}  // namespace

Result<Ref<Inode>> make_descriptor_directory(pseudo::Tree& tree, Ref<Process> process)
{
    auto directory = adopt_ref(new (std::nothrow) DescriptorDirectory(tree, std::move(process)));
    if (!directory)
        return fail(Errno::nomem);
    return directory;
}

}  // namespace tenon::procfs
