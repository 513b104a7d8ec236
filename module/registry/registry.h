#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "module/elf/diagnostics.h"
#include "module/registry/module.h"
#include "module/registry/symbol_table.h"
#include <tenon/sync.h>

namespace tenon::modreg {

// How long one load waits in all for modules whose init is running.
class ProviderWait {
public:
    u64 deadline();  // the first call sets it

private:
    u64 deadline_ = 0;
};

// All modules, and the one symbol table; the kernel is module zero, whose symbols have no owner. mutex_ protects both and
// is never held while code of a module runs. Lives for ever.
class Registry : NoCopy {
public:
    using Modules = boost::intrusive::list<Module, boost::intrusive::constant_time_size<false>>;

    // The kernel's own symbols; once per set, at boot. Errno::nomem.
    Result<> add_kernel_symbols(std::span<ExportedSymbol> symbols);

    // Enters an unformed module of that name. Errno::exist when it is live; while another one of that name is being
    // loaded or removed, waits and then gives exist when that became live, busy when it is gone; intr when a signal arrives.
    Result<Ref<Module>> reserve(std::string_view name, elf::Diagnostics& diagnostics);

    // unformed -> coming: publishes the exports, whose hashes are set, and the dependencies, and opens the module for references.
    // Errno::noexec when a name is exported already or twice, or one name's hash too often; nomem, intr; then nothing has changed.
    Result<> publish(Module& module, Dependencies dependencies, elf::Diagnostics& diagnostics);
    // coming -> live: any other thread may now remove the module.
    void set_live(Module& module);
    // live -> going, when nobody holds a reference; waits for the end of visits. Errno::noent: not loaded; again: in use; busy: in transition,
    // or it cannot be removed; intr, and it is live again, when a signal ends the calling process first.
    Result<Ref<Module>> begin_removal(std::string_view name, elf::Diagnostics& diagnostics);
    // coming -> going after a failed init: no new references or visits from now on; waits until the last one is over. Errno::intr when a
    // signal ends the calling process first: somebody else must call it again then.
    Result<> retract(Module& module);
    // Takes the symbols of a module out of the table and drops its references on others.
    void withdraw(Module& module);
    // Takes the module out of the list and wakes those who wait for its name. The end of every load that failed and every removal.
    void forget(Module& module);

    // The symbol, with a reference on its owner that the caller must give back (none for the kernel's). Waits for an owner whose init is
    // still running. Errno::noent, busy (`wait` is over), intr.
    struct Provider {
        u64 value;
        Module* owner;  // null: the kernel
        bool is_gpl_only;
    };
    Result<Provider> find_symbol(std::string_view name, u32 hash, ProviderWait& wait, elf::Diagnostics& diagnostics);

    // Null when there is none of that name.
    Ref<Module> find(std::string_view name);

    // For panics and backtraces: takes no lock; the answer may be wrong when a module is changing at this moment.
    struct Symbol {
        std::string_view module;
        Module::Position position;
    };
    std::optional<Symbol> find_address(u64 address) const;

    // Calls visit(modules) with the list, newest first, and the mutex held; visit must not call code of a module. The memory and
    // the dependencies of those that are not unformed stay meanwhile as they are.
    template <typename Visit>
    decltype(auto) with_modules(Visit&& visit)
    {
        const LockGuard guard(mutex_);
        return visit(modules_);
    }
    template <typename Visit>
    decltype(auto) with_symbols(Visit&& visit)
    {
        const LockGuard guard(mutex_);
        return visit(std::as_const(symbols_));
    }

private:
    Module*& bucket(std::string_view name);
    Module* find_locked(std::string_view name);
    Result<> insert(Module& module, std::span<ExportedSymbol> symbols, u32 flags, elf::Diagnostics& diagnostics);
    std::unexpected<Errno> refuse_export(const Module& module, const ExportedSymbol& symbol, const ExportedSymbol* existing,
                                         elf::Diagnostics& diagnostics);
    void set_state(Module& module, State state);
    Result<Ref<Module>> close_for_removal(std::string_view name, elf::Diagnostics& diagnostics);
    Result<> wait_until_unused(const Module& module);

    mutable Mutex mutex_;
    WaitQueue state_changes_;
    Modules modules_;
    std::array<Module*, 256> by_name_{};  // chains through Module::next_of_name_
    SymbolTable symbols_;
};

// Marks symbols that only modules with a GPL-compatible licence may use, in ExportedSymbol::flags.
inline constexpr u32 symbol_gpl_only = 1;

}  // namespace tenon::modreg
