#pragma once

#include <optional>

#include "kernel/fs/open_file.h"
#include "kernel/fs/path.h"
#include "kernel/lib/result.h"
#include "kernel/mm/address_space.h"
#include "kernel/proc/elf_program.h"

// Puts ELF programs into an address space.

namespace tenon {

// A file that may be executed, opened.
struct ProgramFile {
    Path path;
    Ref<OpenFile> file;  // keeps the program from being written
    u64 size = 0;
    std::optional<u32> set_user;   // whose rights the program gets
    std::optional<u32> set_group;
    bool is_readable = false;      // by the caller, who then may look into the process, too
};

// Errno::acces when it is no regular file that the caller may execute, txtbsy while it is open for writing.
Result<ProgramFile> open_program(Path path);
Result<ProgramFile> open_program(const Path& base, std::string_view name);

// Errno::noexec when it is no arm64 ELF program.
Result<elf::Program> read_program(const ProgramFile& file);

struct LoadedProgram {
    u64 offset = 0;  // what was added to the addresses of a position-independent program
    UserAddr entry;
    UserAddr end;    // page aligned, behind the highest segment
};

enum class Role : u8 { program, interpreter };
Result<LoadedProgram> map_program(AddressSpace& memory, const ProgramFile& file, const elf::Program& program, Role role);

}  // namespace tenon
