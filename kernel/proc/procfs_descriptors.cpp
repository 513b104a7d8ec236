#include <charconv>

#include "kernel/proc/procfs_process.h"

// /proc/PID/fd: one link for each open descriptor.

namespace tenon::procfs {

namespace {

class DescriptorLink final : public OwnedBy<pseudo::Link> {
public:
    DescriptorLink(pseudo::Tree& tree, Ref<Process> process, Ref<OpenFile> file)
        : OwnedBy(std::move(process), tree), file_(std::move(file))
    {
    }
    Result<> target(TextSink& out) override
    {
        if (!process_access::may_inspect(process()))
            return fail(Errno::acces);
        if (!file_->path().is_empty())
            file_->path().print(out);
        else
            format_to(out, "pipe:[{}]", file_->operations() == nullptr ? 0 : file_->operations()->anonymous_number());
        return {};
    }
    // Empty for those who may not look into the process: the way then goes by target(), which refuses.
    Ref<OpenFile> linked_file() override { return process_access::may_inspect(process()) ? file_ : Ref<OpenFile>(); }

private:
    Ref<OpenFile> file_;
};

class DescriptorDirectory final : public OwnedBy<pseudo::Node> {
public:
    DescriptorDirectory(pseudo::Tree& tree, Ref<Process> process) : OwnedBy(std::move(process), tree, mode::directory | 0500) {}

    // A process finds its own descriptors whoever owns the directory: /dev/stdin must work for a set-user-id program.
    InodeAttributes attributes() const override
    {
        InodeAttributes attributes = OwnedBy::attributes();
        if (&process() == &current_process())
            attributes.uid = current_credentials().user.file;
        return attributes;
    }

    Result<Ref<Inode>> lookup(std::string_view name) override
    {
        int descriptor = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), descriptor);
        const auto files = process().share_files();
        if (error != std::errc() || end != name.data() + name.size() || !files)
            return fail(Errno::noent);
        auto file = files->get(descriptor);
        if (!file)
            return fail(Errno::noent);
        auto link = adopt_ref(new (std::nothrow) DescriptorLink(tree(), share_process(), std::move(*file)));
        if (!link)
            return fail(Errno::nomem);
        return link;
    }

    Result<> read_directory(u64 cookie, DirectorySink& sink) override
    {
        const auto files = process().share_files();
        for (u64 descriptor = cookie; files && descriptor < FileTable::limit; ++descriptor) {
            if (!files->get(static_cast<int>(descriptor)))
                continue;
            const FixedText<12> name("{}", descriptor);
            if (!sink.emit(name.view(), descriptor + 1, mode::symlink, descriptor + 1))
                break;
        }
        return {};
    }
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
