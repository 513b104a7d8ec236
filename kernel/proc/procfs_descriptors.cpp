#include <charconv>

#include "kernel/proc/procfs_process.h"

// /proc/PID/fd: one link for each open descriptor.

namespace tenon::procfs {

namespace {

class DescriptorLink final : public OwnedBy<pseudo::Link> {
public:
    DescriptorLink(pseudo::Tree& tree, Ref<Process> process, int descriptor)
        : OwnedBy(std::move(process), tree), descriptor_(descriptor)
    {
    }
    Result<> target(TextSink& out) override
    {
        TRY(linked_place()).print(out);
        return {};
    }
    // Of the file that the descriptor stands for now. Errno::noent when it is closed.
    Result<Path> linked_place() override
    {
        Path place = TRY(process_access::inspect(process(), [&](AddressSpace*) { return open_place(); }));
        if (place.is_empty())
            return fail(Errno::noent);
        return place;
    }

private:
    Path open_place() const
    {
        const auto files = process().share_files();
        const auto file = files ? files->get(descriptor_) : fail(Errno::badf);
        return file ? (*file)->path() : Path();
    }

    int descriptor_;
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
        if (!files->get(descriptor))
            return fail(Errno::noent);
        auto link = adopt_ref(new (std::nothrow) DescriptorLink(tree(), share_process(), descriptor));
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
