#include "kernel/module/module_system.h"

#include <atomic>
#include <memory>
#include <new>
#include <optional>

#include "arch/arm64/reloc/relocator.h"
#include "kernel/boot_info.h"
#include "kernel/debug/exception_table.h"
#include "kernel/debug/kallsyms.h"
#include "kernel/debug/taint.h"
#include "kernel/dev/random/random.h"
#include "kernel/lib/bug.h"
#include "kernel/lib/text.h"
#include "kernel/module/kernel_exports.h"
#include "kernel/module/module_memory.h"
#include "kernel/module/sanitizer/leaks.h"
#include "kernel/runtime/shadow.h"
#include "kernel/thread/scheduler.h"
#include <tenon/sync.h>

namespace tenon::module_system {
namespace {

struct Work {
    void (*function)(void*);
    void* argument;

    static void run(void* order)
    {
        const Work work = *std::unique_ptr<Work>(static_cast<Work*>(order));
        work.function(work.argument);
        scheduler::exit_thread();
    }
};

class KernelPlatform final : public Platform {
public:
    KernelPlatform(ModuleWindow window, CheckPermissions check) : memory_(window, relocator().trap_pattern(), check)
    {
        options_.reach = window == ModuleWindow::far ? modlink::Reach::far : modlink::Reach::near;
        random::fill(std::as_writable_bytes(std::span(&options_.hash_key, 1)));
        options_.hash_key |= 1;
    }

    Result<> initialise() { return memory_.initialise(); }
    const modlink::Relocator& relocator() const override { return arch::arm64::relocator(); }
    modlink::LayoutOptions layout_options() const override
    {
        modlink::LayoutOptions options = options_;
        if (arch::has_erratum_843419())
            options.erratum = modlink::Erratum843419::avoid;
        return options;
    }
    modlink::RegionMemory& memory() override { return memory_; }
    Result<> add_exceptions(std::span<const ExceptionEntry> table) override { return exception_table::add(table); }
    void replace_exceptions(std::span<const ExceptionEntry> table, std::span<const ExceptionEntry> rest) override
    {
        exception_table::replace(table, rest);
    }
    Result<> start_worker(void (*work)(void*), void* argument) override
    {
        std::unique_ptr<Work> order(new (std::nothrow) Work{work, argument});
        if (!order)
            return fail(Errno::nomem);
        const auto thread = TRY(Thread::create("modules", Work::run, order.get()));
        static_cast<void>(order.release());
        scheduler::start_thread(*thread);
        return {};
    }
    void note_module(const modreg::Module& module) override
    {
        if constexpr (shadow::is_kept)
            leaks::note_module(module);
        if (!module.gpl_compatible)
            taint::add(taint::Reason::proprietary_module);
        if (module.forced)
            taint::add(taint::Reason::forced_module);
        if (!module.in_tree)
            taint::add(taint::Reason::out_of_tree_module);
    }
    Result<> resched_point() override { return tenon::resched_point(); }
    void wait_for_quiescence(std::string_view purpose, std::string_view module) override
    {
        scheduler::wait_for_quiescence({purpose, module});
    }
    void note_return(const modreg::Module& module, std::string_view function) override
    {
        if (arch::interrupts_enabled()) [[likely]]
            return;
        arch::enable_interrupts();
        report_bug(FixedText<160>("{} of module {} came back with a spinlock held or interrupts off", function, module.name()).view());
    }

private:
    modlink::LayoutOptions options_;
    ModuleMemory memory_;
};

// Made by initialise(), live for ever.
struct System {
    System(ModuleWindow window, CheckPermissions check) : platform(window, check) {}

    KernelPlatform platform;
    modreg::Registry registry;
    modload::Environment environment{platform, registry};
};
constinit std::optional<System> instance;
constinit std::atomic<bool> closed{false};

// For backtraces; takes no lock.
std::optional<kallsyms::ModuleSymbol> find_module_symbol(u64 address)
{
    const auto symbol = instance->registry.find_address(address);
    if (!symbol)
        return std::nullopt;
    return kallsyms::ModuleSymbol{symbol->position.function, symbol->module, address - symbol->position.offset};
}

}  // namespace

Result<> initialise()
{
    instance.emplace(boot_argument("module_far").has_value() ? ModuleWindow::far : ModuleWindow::near,
                     boot_argument("module_check").has_value() ? CheckPermissions::yes : CheckPermissions::no);
    TRY(instance->platform.initialise());
    TRY(register_kernel_exports(instance->registry));
    kallsyms::set_module_resolver(find_module_symbol);
    return {};
}

const modload::Environment& environment()
{
    return instance->environment;
}

modreg::Registry& registry()
{
    return instance->registry;
}

bool is_closed()
{
    return closed.load(std::memory_order_relaxed);
}

void close()
{
    closed.store(true, std::memory_order_relaxed);
}

}  // namespace tenon::module_system
