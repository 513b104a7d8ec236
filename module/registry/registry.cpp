#include "module/registry/registry.h"

#include <algorithm>

#include "kernel/lib/panic.h"
#include "module/elf/name_hash.h"
#include "module/elf/pieces.h"
#include <tenon/time.h>

namespace tenon::modreg {
namespace {

constexpr u64 longest_wait_for_provider = 30 * nanoseconds_per_second;

bool is_in_transition(State state)
{
    return state != State::live;
}

}  // namespace

Result<> Registry::add_kernel_symbols(std::span<ExportedSymbol> symbols)
{
    const LockGuard guard(mutex_);
    TRY(symbols_.reserve(symbols.size() * 2));
    for (ExportedSymbol& symbol : symbols)
        expect(symbols_.insert(symbol).has_value(), "the kernel's symbols have no even hashes");
    return {};
}

Module*& Registry::bucket(std::string_view name)
{
    return by_name_[elf::name_hash(name) % by_name_.size()];
}

Module* Registry::find_locked(std::string_view name)
{
    Module* module = bucket(name);
    while (module != nullptr && module->name() != name)
        module = module->next_of_name_;
    return module;
}

Ref<Module> Registry::find(std::string_view name)
{
    const LockGuard guard(mutex_);
    return Ref<Module>(find_locked(name));
}

Result<Ref<Module>> Registry::reserve(std::string_view name, elf::Diagnostics& diagnostics)
{
    Ref<Module> own = TRY(Module::create(name));
    Ref<Module> other;
    {
        const LockGuard guard(mutex_);
        other = Ref<Module>(find_locked(name));
        if (!other) {
            own->acquire();  // the list's reference; forget() releases it
            modules_.push_front(*own);
            own->next_of_name_ = std::exchange(bucket(name), own.get());
            return own;
        }
    }
    if (other->state() == State::live)
        return diagnostics.fail(Errno::exist, "already loaded");
    // Not a moment earlier than the other load or removal is over, so that the caller can rely on what it is told.
    bool became_live = false;
    TRY(state_changes_.wait_until(Interruptible::yes, [&] {
        became_live |= other->state() == State::live;
        return became_live || other->state() == State::gone;
    }));
    if (became_live)
        return diagnostics.fail(Errno::exist, "already loaded");
    return diagnostics.fail(Errno::busy, "another load or removal of it was under way");
}

// All or none. A name that the module exports twice meets itself.
Result<> Registry::insert(Module& module, std::span<ExportedSymbol> symbols, u32 flags, elf::Diagnostics& diagnostics)
{
    if (symbols.empty())
        return {};
    usize count = 0;
    const Result<> result = elf::in_pieces(symbols, elf::entries_between_pauses, diagnostics, [&](std::span<ExportedSymbol> piece) -> Result<> {
        for (ExportedSymbol& symbol : piece) {
            symbol.owner = &module;
            symbol.flags = flags;
            const auto existing = symbols_.insert(symbol);
            if (!existing || *existing != nullptr) [[unlikely]]
                return refuse_export(module, symbol, existing.value_or(nullptr), diagnostics);
            ++count;
        }
        return {};
    });
    if (!result)
        for (ExportedSymbol& symbol : symbols.first(count))
            symbols_.remove(symbol);
    return result;
}

// Because of the `existing` symbol of its name, or because the table takes no more symbols of its hash (null).
std::unexpected<Errno> Registry::refuse_export(const Module& module, const ExportedSymbol& symbol, const ExportedSymbol* existing,
                                               elf::Diagnostics& diagnostics)
{
    if (existing == nullptr)
        return diagnostics.fail(Errno::noexec, "export {}: too many symbols have names with the same hash", symbol.name);
    const ModuleHandle* const owner = existing->owner;
    if (owner == &module)
        return diagnostics.fail(Errno::noexec, "exports symbol {} twice", symbol.name);
    return diagnostics.fail(Errno::noexec, "exports duplicate symbol {} (owned by {})", symbol.name,
                            owner == nullptr ? "kernel" : owner->name());
}

// Pairs with Module::state() (litmus: Publication.Pointer).
void Registry::set_state(Module& module, State state)
{
    module.state_.store(state, std::memory_order_release);
    state_changes_.wake_all();
}

// The store to `uses_` pairs with Module::try_use() (litmus: References.ModulesInUseAreNotClosed).
Result<> Registry::publish(Module& module, Dependencies dependencies, elf::Diagnostics& diagnostics)
{
    const LockGuard guard(mutex_);
    TRY(symbols_.reserve(module.exports.size() + module.gpl_exports.size()));
    TRY(insert(module, module.exports, 0, diagnostics));
    if (const Result<> result = insert(module, module.gpl_exports, symbol_gpl_only, diagnostics); !result) {
        for (ExportedSymbol& symbol : module.exports)
            symbols_.remove(symbol);
        return result;
    }
    module.dependencies = std::move(dependencies);
    module.uses_.store(0, std::memory_order_release);
    set_state(module, State::coming);
    return {};
}

void Registry::set_live(Module& module)
{
    set_state(module, State::live);
}

Result<Ref<Module>> Registry::begin_removal(std::string_view name, elf::Diagnostics& diagnostics)
{
    Ref<Module> module = TRY(close_for_removal(name, diagnostics));
    if (!wait_until_unused(*module)) [[unlikely]] {
        const LockGuard guard(mutex_);
        module->reopen();
        set_state(*module, State::live);
        return fail(Errno::intr);
    }
    return module;
}

Result<Ref<Module>> Registry::close_for_removal(std::string_view name, elf::Diagnostics& diagnostics)
{
    const LockGuard guard(mutex_);
    Module* const module = find_locked(name);
    if (module == nullptr)
        return diagnostics.fail(Errno::noent, "not loaded");
    if (module->state() == State::live && module->references() != 0) {
        constexpr u32 most_told = 3;
        FixedText<400> users;
        module->write_holders(users, ", ", most_told);
        return diagnostics.fail(Errno::again, "in use by {}", users.view());
    }
    if (is_in_transition(module->state()))
        return diagnostics.fail(Errno::busy, "it is being {}", module->state() == State::going ? "removed" : "loaded");
    if (!module->can_exit())
        return diagnostics.fail(Errno::busy, "it has an init function but no exit function");
    TRY(module->close_when_unused());
    set_state(*module, State::going);
    return Ref<Module>(module);
}

Result<> Registry::retract(Module& module)
{
    module.close();
    set_state(module, State::going);
    return wait_until_unused(module);
}

// Giving a reference back, or the end of a visit, wakes nobody, so it is looked for in steps.
Result<> Registry::wait_until_unused(const Module& module)
{
    constexpr u64 step = nanoseconds_per_second / 100;
    while (module.is_used()) {
        const auto waited =
            state_changes_.wait_until_deadline(Interruptible::killable, monotonic_now() + step, [&] { return !module.is_used(); });
        if (!waited && waited.error() == Errno::intr)
            return waited;
    }
    return {};
}

void Registry::withdraw(Module& module)
{
    const LockGuard guard(mutex_);
    for (ExportedSymbol& symbol : module.exports)
        symbols_.remove(symbol);
    for (ExportedSymbol& symbol : module.gpl_exports)
        symbols_.remove(symbol);
    module.exports = {};
    module.gpl_exports = {};
    module.dependencies = Dependencies();
}

void Registry::forget(Module& module)
{
    {
        const LockGuard guard(mutex_);
        modules_.erase(modules_.iterator_to(module));
        Module** link = &bucket(module.name());
        while (*link != &module)
            link = &(*link)->next_of_name_;
        *link = module.next_of_name_;
        set_state(module, State::gone);
    }
    Ref<Module>::adopt(&module).reset();
}

u64 ProviderWait::deadline()
{
    if (deadline_ == 0)
        deadline_ = monotonic_now() + longest_wait_for_provider;
    return deadline_;
}

Result<Registry::Provider> Registry::find_symbol(std::string_view name, u32 hash, ProviderWait& wait, elf::Diagnostics& diagnostics)
{
    Ref<Module> owner;
    {
        const LockGuard guard(mutex_);
        const ExportedSymbol* const symbol = symbols_.find(name, hash);
        if (symbol == nullptr)
            return fail(Errno::noent);
        const bool is_gpl_only = (symbol->flags & symbol_gpl_only) != 0;
        if (symbol->owner == nullptr)
            return Provider{symbol->value, nullptr, is_gpl_only};
        Module* const module = static_cast<Module*>(symbol->owner);
        if (module->state() == State::live && module->try_get_reference())
            return Provider{symbol->value, module, is_gpl_only};
        if (module->state() == State::going)
            return fail(Errno::noent);
        owner = Ref<Module>(module);
    }
    const auto ready = state_changes_.wait_until_deadline(Interruptible::yes, wait.deadline(), [&] { return owner->state() != State::coming; });
    if (!ready && ready.error() == Errno::timedout)
        return diagnostics.fail(Errno::busy, "gave up waiting for init of module {}", owner->name());
    TRY(ready);
    owner.reset();
    return find_symbol(name, hash, wait, diagnostics);
}

std::optional<Registry::Symbol> Registry::find_address(u64 address) const
{
    for (const Module& module : modules_)
        if (const auto position = module.find_function(address))
            return Symbol{module.name(), *position};
    return std::nullopt;
}

}  // namespace tenon::modreg
