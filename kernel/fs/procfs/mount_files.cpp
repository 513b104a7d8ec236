#include <cstring>
#include <new>

#include "kernel/fs/mount.h"
#include "kernel/fs/name_cache.h"
#include "kernel/fs/procfs/files.h"

// The mounts as mount(8), df and findmnt read them (formats: proc(5), fstab(5)).

namespace tenon::procfs {
namespace {

// What would end a field is written in octal.
class FieldSink final : public TextSink {
public:
    explicit FieldSink(TextSink& out) : out_(out) {}

    void write(std::string_view text) override
    {
        for (const char character : text) {
            const bool ends_field = character == ' ' || character == '\t' || character == '\n' || character == '\\';
            if (!ends_field) {
                out_.write({&character, 1});
                continue;
            }
            const auto value = static_cast<unsigned>(character);
            const char digits[] = {'\\', static_cast<char>('0' + (value >> 6)), static_cast<char>('0' + ((value >> 3) & 7)),
                                   static_cast<char>('0' + (value & 7))};
            out_.write({digits, sizeof digits});
        }
    }

private:
    TextSink& out_;
};

void print_options(TextSink& out, const Mount& mount)
{
    constexpr u64 no_access_time = 1024;
    const u64 flags = mount.flags();
    out.write(mount.is_read_only() ? "ro" : "rw");
    out.write((flags & mount_flag::no_suid) != 0 ? ",nosuid" : "");
    out.write((flags & mount_flag::no_device) != 0 ? ",nodev" : "");
    out.write((flags & mount_flag::no_exec) != 0 ? ",noexec" : "");
    out.write((flags & no_access_time) != 0 ? ",noatime" : "");
}

// The name of the mount's root within its file system: "/" unless a part is bound.
void print_root(TextSink& out, const Mount& mount)
{
    constexpr usize capacity = 4096;
    const std::unique_ptr<char[]> text(new (std::nothrow) char[capacity]);
    if (!text)
        return;
    usize start = capacity;
    Ref<Dentry> at = mount.root();
    for (auto parent = NameCache::parent(*at); parent; parent = NameCache::parent(*at)) {
        const auto name = NameCache::name(*at);
        if (name.size() + 1 > start)
            break;
        start -= name.size();
        std::memcpy(text.get() + start, name.c_str(), name.size());
        text[--start] = '/';
        at = std::move(parent);
    }
    if (start == capacity)
        text[--start] = '/';
    out.write({text.get() + start, capacity - start});
}

}  // namespace

void print_mounts(TextSink& out)
{
    FieldSink field(out);
    for (usize index = 0; const auto mount = mounts::nth(index); ++index) {
        static_cast<void>(resched_point());
        field.write(mount->file_system().source());
        out.write(" ");
        Path(mount, mount->root()).print(field);
        format_to(out, " {} ", mount->file_system().type().name());
        print_options(out, *mount);
        out.write(" 0 0\n");
    }
}

void print_mount_information(TextSink& out)
{
    FieldSink field(out);
    for (usize index = 0; const auto mount = mounts::nth(index); ++index) {
        static_cast<void>(resched_point());
        const Path root(mount, mount->root());
        const Path place = mounts::cross_up(root);
        const FileSystem& file_system = mount->file_system();
        const auto device = DeviceNumber::decode(file_system.device_number());
        format_to(out, "{} {} {}:{} ", mount->id(), place == root ? 0 : place.mount()->id(), device.major, device.minor);
        print_root(field, *mount);
        out.write(" ");
        root.print(field);
        out.write(" ");
        print_options(out, *mount);
        format_to(out, " - {} ", file_system.type().name());
        field.write(file_system.source());
        out.write(file_system.super_block().is_read_only() ? " ro\n" : " rw\n");
    }
}

}  // namespace tenon::procfs
