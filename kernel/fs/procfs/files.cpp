#include "kernel/fs/procfs/files.h"

#include "kernel/boot_info.h"
#include "kernel/dev/block/registry.h"
#include "kernel/fs/devfs/char_devices.h"
#include "kernel/fs/mount.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/page_cache.h"

namespace tenon::procfs {
namespace {

void print_command_line(TextSink& out)
{
    format_to(out, "{}\n", boot_info().command_line.view());
}

void print_devices(TextSink& out)
{
    out.write("Character devices:\n");
    char_devices::print_majors(out);
    out.write("\nBlock devices:\n");
    block::print_majors(out);
}

void print_mounts(TextSink& out)
{
    constexpr u64 no_access_time = 1024;
    for (usize index = 0; const auto mount = mounts::nth(index); ++index) {
        FileSystem& file_system = mount->file_system();
        format_to(out, "{} ", file_system.source());
        Path(mount, mount->root()).print(out);
        format_to(out, " {} {}", file_system.type().name(), mount->is_read_only() ? "ro" : "rw");
        const u64 flags = mount->flags();
        out.write((flags & mount_flag::no_suid) != 0 ? ",nosuid" : "");
        out.write((flags & mount_flag::no_device) != 0 ? ",nodev" : "");
        out.write((flags & mount_flag::no_exec) != 0 ? ",noexec" : "");
        out.write((flags & no_access_time) != 0 ? ",noatime" : "");
        out.write(" 0 0\n");
    }
}

void print_memory(TextSink& out)
{
    constexpr u64 kib_per_page = page_size / 1024;
    const frames::Statistics memory = frames::statistics();
    const u64 total = memory.total_pages * kib_per_page;
    const u64 free = memory.free_pages * kib_per_page;
    const auto line = [&](std::string_view name, u64 kib) { format_to(out, "{:<15} {:>8} kB\n", name, kib); };
    line("MemTotal:", total);
    line("MemFree:", free);
    const u64 cached = page_cache::cached_pages() * kib_per_page;
    line("MemAvailable:", free + cached);
    line("Buffers:", 0);
    line("Cached:", cached);
    line("SwapCached:", 0);
    line("SwapTotal:", 0);
    line("SwapFree:", 0);
    line("Dirty:", 0);
    line("Shmem:", 0);
    line("SReclaimable:", 0);
}

}  // namespace

Result<> add_files(pseudo::Directory& root)
{
    constexpr u32 readable = 0444;
    TRY(root.add_file("cmdline", readable, print_command_line));
    TRY(root.add_file("devices", readable, print_devices));
    TRY(root.add_file("filesystems", readable, file_systems::describe));
    TRY(root.add_file("meminfo", readable, print_memory));
    TRY(root.add_file("partitions", readable, block::print_partitions));
    TRY(root.add_file("mounts", readable, print_mounts));
    return add_system_files(root);
}

}  // namespace tenon::procfs
