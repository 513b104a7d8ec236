#include "module/registry/module.h"

#include <algorithm>
#include <cstring>
#include <new>

#include <tenon/log.h>

namespace tenon {

std::string_view ModuleHandle::name() const
{
    return static_cast<const modreg::Module*>(this)->name();
}

bool ModuleHandle::try_get()
{
    return static_cast<modreg::Module*>(this)->try_get_reference();
}

void ModuleHandle::put()
{
    static_cast<modreg::Module*>(this)->put_reference();
}

Result<Holder*> ModuleHandle::hold(HolderKind kind, std::string_view subject)
{
    auto* const module = static_cast<modreg::Module*>(this);
    if (!module->try_get_reference())
        return fail(Errno::nodev);
    const auto holder = module->name_reference(kind, subject);
    if (!holder)
        module->put_reference();
    return holder;
}

void ModuleHandle::let_go(Holder* holder)
{
    static_cast<modreg::Module*>(holder->module)->put_reference(holder);
}

void ModuleHandle::refuse_load(Errno error)
{
    static_cast<modreg::Module*>(this)->refuse(error);
}

void registration_failed(ModuleHandle* module, Errno error)
{
    if (module != nullptr)
        module->refuse_load(error);
    else
        log::error("kernel", "a built-in part could not register: {}", error);
}

namespace modreg {

// Chunks of destructors, newest first.
struct Module::Destructors {
    struct Entry {
        void (*function)(void*);
        void* object;
    };
    static constexpr u32 capacity = 15;

    Entry entries[capacity];
    u32 count = 0;
    std::unique_ptr<Destructors> older;
};

std::string_view state_name(State state)
{
    switch (state) {
    case State::unformed: return "unformed";
    case State::coming: return "coming";
    case State::live: return "live";
    case State::going: return "going";
    case State::gone: return "gone";
    }
    return "";
}

Result<Ref<Module>> Module::create(std::string_view name)
{
    Ref<Module> module = adopt_ref(new (std::nothrow) Module);
    if (!module)
        return fail(Errno::nomem);
    module->name_size_ = static_cast<u8>(std::min(name.size(), ModuleHeader::name_capacity - 1));
    std::memcpy(module->name_, name.data(), module->name_size_);
    return module;
}

Module::~Module() = default;

// Who uses a module sees all that was there when it was published (acquire), and its removal begins after the last use: release where uses
// end, acquire where it is found that none is left (litmus: References.ModulesInUseAreNotClosed).
bool Module::try_use(u64 step)
{
    u64 uses = uses_.load(std::memory_order_relaxed);
    while ((uses & closed) == 0)
        if (uses_.compare_exchange_weak(uses, uses + step, std::memory_order_acquire))
            return true;
    return false;
}

bool Module::try_get_reference()
{
    return try_use(1);
}

bool Module::try_begin_visit()
{
    return try_use(visit);
}

// litmus: References.ModulesInUseAreNotClosed
void Module::end_visit()
{
    uses_.fetch_sub(visit, std::memory_order_release);
}

// litmus: References.ModulesInUseAreNotClosed
void Module::put_reference()
{
    if ((uses_.fetch_sub(1, std::memory_order_acq_rel) & references_mask) != 0)
        return;
    // One put too many: the module's users are in disorder, so it stays for ever.
    uses_.fetch_add(2, std::memory_order_relaxed);
    log::error(name(), "a reference was given back that nobody held");
}

// litmus: References.ModulesInUseAreNotClosed
Result<> Module::close_when_unused()
{
    u64 uses = uses_.load(std::memory_order_relaxed);
    do {
        if ((uses & (closed | references_mask)) != 0)
            return fail(Errno::again);
    } while (!uses_.compare_exchange_weak(uses, uses | closed, std::memory_order_acq_rel, std::memory_order_relaxed));
    return {};
}

// litmus: References.ModulesInUseAreNotClosed
void Module::close()
{
    uses_.fetch_or(closed, std::memory_order_acq_rel);
}

// As a publication (litmus: References.ModulesInUseAreNotClosed).
void Module::reopen()
{
    uses_.fetch_and(~closed, std::memory_order_release);
}

Result<> Module::add_destructor(void (*function)(void*), void* object)
{
    if (!destructors_ || destructors_->count == Destructors::capacity) {
        std::unique_ptr<Destructors> chunk(new (std::nothrow) Destructors);
        if (!chunk)
            return fail(Errno::nomem);
        chunk->older = std::move(destructors_);
        destructors_ = std::move(chunk);
    }
    destructors_->entries[destructors_->count++] = {function, object};
    return {};
}

void Module::run_destructors()
{
    while (destructors_) {
        if (destructors_->count == 0) {
            destructors_ = std::move(destructors_->older);
            continue;
        }
        const Destructors::Entry entry = destructors_->entries[--destructors_->count];
        entry.function(entry.object);
    }
}

void Module::refuse(Errno error)
{
    Errno none{};
    refusal_.compare_exchange_strong(none, error, std::memory_order_relaxed);
}

Result<> Module::refusal() const
{
    const Errno error = refusal_.load(std::memory_order_relaxed);
    if (error != Errno{})
        return fail(error);
    return {};
}

std::optional<Module::Position> Module::find_function(u64 address) const
{
    const auto& text = image.block(modlink::Region::text);
    if (!text || address - text->place >= image.size(modlink::Region::text))
        return std::nullopt;
    const u64 offset = address - text->place;
    const auto after = std::upper_bound(symbols.begin(), symbols.end(), offset,
                                        [](u64 wanted, const ModuleSymbol& symbol) { return wanted < symbol.offset; });
    if (after == symbols.begin())
        return Position{{}, offset};
    return Position{symbol_names + (after - 1)->name, offset - (after - 1)->offset};
}

}  // namespace modreg
}  // namespace tenon
