#include "kernel/proc/exec_image.h"

#include "kernel/fs/file_pages.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/permission.h"
#include "kernel/lib/bits.h"
#include "kernel/mm/user_layout.h"

namespace tenon {

namespace {

arch::UserAccess access_of(const elf::ProgramHeader& segment)
{
    auto access = arch::UserAccess::none;
    if ((segment.flags & elf::segment_read) != 0)
        access = access | arch::UserAccess::read;
    if ((segment.flags & elf::segment_write) != 0)
        access = access | arch::UserAccess::write;
    if ((segment.flags & elf::segment_execute) != 0)
        access = access | arch::UserAccess::execute;
    return access;
}

// A place for a position-independent program: all of its span is taken at once, the segments then replace parts of it.
Result<u64> choose_offset(AddressSpace& memory, const elf::Program& program, Role role)
{
    AddressSpace::MapRequest span;
    span.size = program.high - program.low;
    if (role == Role::program)
        span.hint = UserAddr(align_down(memory.placement().program_base.value(), program.alignment));
    const UserAddr place = TRY(memory.map(span)).start;
    return place.value() - program.low;
}

Result<> map_segment(AddressSpace& memory, const Ref<FilePages>& pages, const elf::ProgramHeader& segment, u64 offset)
{
    const u64 start = segment.virtual_address + offset;
    const u64 file_end = start + segment.file_size;
    const u64 first_page = align_down(start, page_size);
    const u64 file_pages_end = segment.file_size == 0 ? first_page : align_up(file_end, page_size);
    const u64 memory_end = align_up(start + segment.memory_size, page_size);

    AddressSpace::MapRequest request;
    request.placement = AddressSpace::Placement::fixed;
    request.access = access_of(segment);
    if (segment.file_size != 0) {
        request.hint = UserAddr(first_page);
        request.size = file_pages_end - first_page;
        request.source = pages;
        request.source_page = segment.offset / page_size;
        TRY(memory.map(request));
    }
    const bool zero_tail = segment.memory_size > segment.file_size && file_end < file_pages_end;
    if (zero_tail && allows(request.access, arch::UserAccess::write))
        TRY(memory.clear(UserAddr(file_end), file_pages_end - file_end));
    if (memory_end > file_pages_end) {
        request.hint = UserAddr(file_pages_end);
        request.size = memory_end - file_pages_end;
        request.source = nullptr;
        request.source_page = 0;
        TRY(memory.map(request));
    }
    return {};
}

}  // namespace

Result<ProgramFile> open_program(const Path& base, std::string_view name)
{
    return open_program(TRY(vfs::resolve(base, name, vfs::FollowLast::yes)));
}

Result<ProgramFile> open_program(Path path)
{
    ProgramFile program;
    program.path = std::move(path);
    program.file = TRY(vfs::open_program(program.path));
    const InodeAttributes attributes = program.path.inode().attributes();
    program.size = attributes.size;
    program.is_readable = permission::allows(current_credentials(), attributes, permission::read);
    if ((program.path.mount()->flags() & mount_flag::no_suid) != 0)
        return program;
    constexpr u32 runs_as_group = mode::set_group_id | mode::group_execute;
    if ((attributes.mode & mode::set_user_id) != 0)
        program.set_user = attributes.uid;
    if ((attributes.mode & runs_as_group) == runs_as_group)
        program.set_group = attributes.gid;
    return program;
}

Result<elf::Program> read_program(const ProgramFile& file)
{
    std::array<std::byte, sizeof(elf::FileHeader)> start;
    const usize size = TRY(file.file->read_at(start, 0));
    const auto header = TRY(elf::check_program_header(std::span(start).first(size)));
    std::unique_ptr<elf::ProgramHeader[]> headers(new (std::nothrow) elf::ProgramHeader[header.program_count]);
    if (!headers)
        return fail(Errno::nomem);
    const std::span all(headers.get(), header.program_count);
    const usize got = TRY(file.file->read_at(std::as_writable_bytes(all), header.program_offset));
    if (got != all.size_bytes())
        return fail(Errno::noexec);
    return elf::parse_program(header, all, file.size, user_layout::program_limit.value());
}

Result<LoadedProgram> map_program(AddressSpace& memory, const ProgramFile& file, const elf::Program& program, Role role)
{
    const auto pages = TRY(FilePages::create(file.file));
    LoadedProgram loaded;
    if (program.position_independent)
        loaded.offset = TRY(choose_offset(memory, program, role));
    for (const elf::ProgramHeader& segment : program.loadable())
        TRY(map_segment(memory, pages, segment, loaded.offset));
    loaded.entry = UserAddr(program.entry + loaded.offset);
    loaded.end = UserAddr(program.high + loaded.offset);
    return loaded;
}

}  // namespace tenon
