#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "module/link/image.h"
#include "module/registry/dependencies.h"
#include "module/registry/holder.h"
#include "module/registry/parameters.h"
#include "module/registry/section_list.h"
#include <tenon/module.h>
#include <tenon/module_header.h>
#include <tenon/sync.h>

namespace tenon::modreg {

enum class State : u8 {
    unformed,  // its name is taken; nothing else is there yet
    coming,    // linked and published; its constructors and init may be running
    live,
    going,     // on its way out: no new references
    gone,      // its name is free again; only who kept a Ref sees it
};

// "unformed", "coming", … as sysfs's initstate says them.
std::string_view state_name(State state);

// A module from the moment that its name is reserved until its memory has been given back. The registry's mutex protects the
// list membership, and from `coming` on the dependencies and which regions the image has; what else the loading thread fills in is not
// changed after `coming`. The state changes to live by the loading thread alone, and from live under the mutex.
class Module final : public ModuleHandle, public RefCounted, public boost::intrusive::list_base_hook<> {
public:
    static Result<Ref<Module>> create(std::string_view name);  // Errno::nomem
    ~Module();

    std::string_view name() const { return {name_, name_size_}; }
    // Who finds a state sees what led to it: the release is in Registry::set_state() (litmus: Publication.Pointer).
    State state() const { return state_.load(std::memory_order_acquire); }

    // References of users. Opened at `coming`; once closed, the count can only fall.
    bool try_get_reference();
    void put_reference();
    u32 references() const { return static_cast<u32>(uses_.load(std::memory_order_relaxed) & references_mask); }
    // A reference that the caller has gets a name. Errno::nomem: the caller keeps it as it was.
    Result<Holder*> name_reference(HolderKind kind, std::string_view subject);
    void put_reference(Holder* holder);
    // Says for each reference what it is for, for at most `most`; then how many there are besides.
    void write_holders(TextSink& out, std::string_view separator, u32 most) const;
    // Errno::again while somebody holds a reference; then nothing has changed.
    Result<> close_when_unused();
    void close();
    void reopen();

    // Of those who pass through and keep nothing, as readers of a parameter: a visit keeps nobody from closing the module, and its memory
    // stays until the visit ends. None begins once the module is closed.
    bool try_begin_visit();
    void end_visit();
    // None at all: what they did is done (litmus: References.ModulesInUseAreNotClosed).
    bool is_used() const { return (uses_.load(std::memory_order_acquire) & ~closed) != 0; }  // by references or visits

    // Destructors of global objects, in the order of construction. Errno::nomem.
    Result<> add_destructor(void (*function)(void*), void* object);
    // Runs and forgets them, last first.
    void run_destructors();

    // The first error that a constructor reported.
    void refuse(Errno error);
    Result<> refusal() const;

    // The name of the function at `address` and how far in; nothing outside the module's text.
    struct Position {
        std::string_view function;  // empty: not known
        u64 offset;                 // from the function, or from the text when it is not known
    };
    std::optional<Position> find_function(u64 address) const;

    bool can_exit() const { return !has_init || exit != nullptr; }

    // Filled in while loading.
    modlink::Image image;
    SectionList sections;
    Dependencies dependencies;
    ParameterSet parameters;
    std::span<ExportedSymbol> exports;
    std::span<ExportedSymbol> gpl_exports;
    std::span<const ExceptionEntry> exceptions;
    std::span<const ModuleSymbol> symbols;
    const char* symbol_names = nullptr;
    const char* version = nullptr;         // in the module's rodata
    const char* source_version = nullptr;
    void (*exit)() = nullptr;
    bool has_init = false;
    bool in_tree = false;
    bool forced = false;  // nobody asked for which kernel it was made
    bool gpl_compatible = false;

private:
    friend class Registry;

    struct Destructors;

    // The parts of uses_: references, whether it is closed, and visits from here on up.
    static constexpr u64 references_mask = (u64{1} << 31) - 1;
    static constexpr u64 closed = u64{1} << 31;
    static constexpr u64 visit = u64{1} << 32;
    bool try_use(u64 step);

    Module() = default;

    char name_[ModuleHeader::name_capacity] = {};
    u8 name_size_ = 0;
    std::atomic<State> state_{State::unformed};
    std::atomic<Errno> refusal_{};  // 0: none
    std::atomic<u64> uses_{closed};
    mutable Spinlock holders_lock_;
    boost::intrusive::list<Holder> holders_;  // in the order of their sequence; protected by holders_lock_
    std::unique_ptr<Destructors> destructors_;
    Module* next_of_name_ = nullptr;  // the registry's
};

}  // namespace tenon::modreg
