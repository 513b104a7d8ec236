#include "kernel/fs/procfs/files.h"

#include "kernel/boot_info.h"
#include "kernel/dev/block/registry.h"
#include "kernel/fs/devfs/char_devices.h"
#include "kernel/fs/lock/file_locks.h"
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

// The counters that stock vmstat reads; nothing is ever swapped.
void print_page_counters(TextSink& out)
{
    const block::Transfers transfers = block::total_transfers();
    format_to(out, "nr_free_pages {}\nnr_file_pages {}\n", frames::statistics().free_pages, page_cache::cached_pages());
    format_to(out, "pgpgin {}\npgpgout {}\n", transfers.sectors_read / 2, transfers.sectors_written / 2);
    out.write("pswpin 0\npswpout 0\n");
}

}  // namespace

Result<> add_files(pseudo::Directory& root)
{
    constexpr u32 readable = 0444;
    TRY(root.add_file("cmdline", readable, print_command_line));
    TRY(root.add_file("devices", readable, print_devices));
    TRY(root.add_file("filesystems", readable, file_systems::describe));
    TRY(root.add_file("locks", readable, file_locks::print_locks));
    TRY(root.add_file("meminfo", readable, print_memory));
    TRY(root.add_file("partitions", readable, block::print_partitions));
    TRY(root.add_file("diskstats", readable, block::print_statistics));
    TRY(root.add_file("vmstat", readable, print_page_counters));
    TRY(root.add_file("mounts", readable, print_mounts));
    return root.add_file("mountinfo", readable, print_mount_information);
}

}  // namespace tenon::procfs
