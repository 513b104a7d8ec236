#pragma once

#include <span>
#include <string_view>

#include "module/link/layout.h"
#include "module/link/region_memory.h"
#include "module/link/relocator.h"
#include <tenon/module_header.h>

namespace tenon {

namespace modreg {
class Module;
}

// What loading and unloading need of the system in which the modules live, besides the locks of <tenon/sync.h>. One per
// system, lives for ever. Implemented by kernel/module and by the host tests.
class Platform {
public:
    virtual const modlink::Relocator& relocator() const = 0;
    virtual modlink::LayoutOptions layout_options() const = 0;
    virtual modlink::RegionMemory& memory() = 0;

    // From now on a fault at an instruction of `table` goes on at its fix-up, on every CPU. The table is sorted by instruction and stays
    // where it is until it is replaced. Errno::nomem.
    virtual Result<> add_exceptions(std::span<const ExceptionEntry> table) = 0;
    // What has been added as `table` is only `rest` from now on; nothing when that is empty or the table is not known.
    virtual void replace_exceptions(std::span<const ExceptionEntry> table, std::span<const ExceptionEntry> rest) = 0;

    // Runs work(argument) in a thread that belongs to nobody, so that nobody can end it. Errno::nomem.
    virtual Result<> start_worker(void (*work)(void*), void* argument) = 0;

    // A module is complete and its code about to run.
    virtual void note_module(const modreg::Module&) {}

    // Code of the module has come back: says in the log when it has kept a lock.
    virtual void note_return(const modreg::Module&, std::string_view /* function */) {}

    // Between two pieces of long work: lets others have the CPU when it is their turn. Errno::intr when the load is to be given up.
    virtual Result<> resched_point() = 0;

    // Returns when every CPU has left the kernel code that it was executing at the time of the call: afterwards no CPU is still in
    // code that could not be entered any more before. Blocks. `purpose` and `module` tell, should it take long, who waits for what.
    virtual void wait_for_quiescence(std::string_view purpose, std::string_view module) = 0;

protected:
    ~Platform() = default;
};

}  // namespace tenon
