#pragma once

#include <string_view>
#include <utility>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include <tenon/api.h>
#include <tenon/parameter.h>

// What a module author writes: the description of the module, its parameters, its exports, and how it starts and ends. The
// same source is a loadable module or a part of the kernel; nothing in it depends on which. docs/module-author.md shows the use.

// The module's own identity: null when built in. The compiler and the loader agree on this symbol (Itanium C++ ABI 3.3.6.3), which the
// compiler declares by itself, too, for static objects with a destructor.
extern "C" __attribute__((visibility("hidden"))) void* tenon_module_identity asm("__dso_handle");

namespace tenon {

// What a reference to a module is for, as /sys/module/NAME/users and refusals to remove the module say it.
enum class HolderKind : u8 {
    module,      // another module uses its symbols
    mount,       // a file system of its type
    open_file,   // of its character device
    disk,        // its block device: mounted, open, or being flushed
    other,
};
struct Holder;

// A loaded module, seen from those who use what it registered. The kernel itself is the null handle everywhere.
class TENON_API ModuleHandle : NoCopy {
public:
    std::string_view name() const;

    // A reference keeps the module loaded. Fails once removal has begun, or while the load is not finished. Every context.
    bool try_get();
    void put();

    // The same for somebody who can be named: `subject` is copied, and cut when it is long. Errno::nodev when the module cannot be had,
    // nomem. Every context.
    Result<Holder*> hold(HolderKind kind, std::string_view subject);
    static void let_go(Holder* holder);

    // Says that a constructor of the module being loaded could not do its work: the load fails with `error`, after the
    // destructors of what was constructed. Only from the thread that loads.
    void refuse_load(Errno error);

protected:
    ModuleHandle() = default;
    ~ModuleHandle() = default;
};

inline ModuleHandle* current_module()
{
    return static_cast<ModuleHandle*>(tenon_module_identity);
}

// One reference to a module for the life of an object; empty for null handles, which never go away.
class ModuleReference : NoCopy {
public:
    // `subject` says who keeps the module, for people: "/dev/counter by cat, pid 31". Errno::nodev when the module is on its way out, nomem.
    static Result<ModuleReference> get(ModuleHandle* module, HolderKind kind = HolderKind::other, std::string_view subject = {})
    {
        if (module == nullptr)
            return ModuleReference();
        const Result<Holder*> holder = module->hold(kind, subject);
        if (!holder)
            return fail(holder.error());
        return ModuleReference(*holder);
    }

    ModuleReference() = default;
    ModuleReference(ModuleReference&& other) noexcept : holder_(std::exchange(other.holder_, nullptr)) {}
    ModuleReference& operator=(ModuleReference other) noexcept
    {
        std::swap(holder_, other.holder_);
        return *this;
    }
    ~ModuleReference()
    {
        if (holder_ != nullptr)
            ModuleHandle::let_go(holder_);
    }

private:
    explicit ModuleReference(Holder* holder) : holder_(holder) {}

    Holder* holder_ = nullptr;
};

// Held while a charp parameter that is writable at run time is being used: its text can be replaced at any time otherwise.
class TENON_API ParameterLock : NoCopy {
public:
    ParameterLock();
    ~ParameterLock();
};

// A registration that lasts as long as the object: made by the constructor, undone by the destructor. When it fails, the
// load of the module fails. `add` takes the object, what it needs besides, and the owner; `remove` takes the object.
//
//     static const Registration<register_file_system, unregister_file_system> registration{file_system};
template <auto add, auto remove>
class Registration : NoCopy {
    template <typename R, typename T>
    static T argument_of(R (*)(T&));
    using Object = decltype(argument_of(remove));

public:
    template <typename... Arguments>
    explicit Registration(Object& object, const Arguments&... arguments) : object_(object)
    {
        const Result<> result = add(object, arguments..., current_module());
        registered_ = result.has_value();
        if (!registered_)
            report_failure(result.error());
    }
    ~Registration()
    {
        if (registered_)
            remove(object_);
    }

private:
    static void report_failure(Errno error);

    Object& object_;
    bool registered_ = false;
};

// For a part of the kernel nobody can refuse: it is logged.
TENON_API void registration_failed(ModuleHandle* module, Errno error);

template <auto add, auto remove>
void Registration<add, remove>::report_failure(Errno error)
{
    registration_failed(current_module(), error);
}

namespace detail {

// Both habits of a start function: Linux's int (0 or a negative errno) and Result<>.
inline int start_status(int status)
{
    return status;
}
inline int start_status(const Result<>& result)
{
    return result ? 0 : -static_cast<int>(result.error());
}

}  // namespace detail
}  // namespace tenon

#define TENON_JOIN_(a, b) a##b
#define TENON_JOIN(a, b) TENON_JOIN_(a, b)
#define TENON_UNIQUE(prefix) TENON_JOIN(prefix, __COUNTER__)

// Readable by tools without loading; a built-in part of the kernel keeps none of it.
#ifdef MODULE
#define MODULE_INFO(tag, text)                                                                                        \
    [[gnu::used, gnu::aligned(1), gnu::section(".modinfo")]] static constexpr char TENON_UNIQUE(tenon_modinfo_)[] = \
        #tag "=" text
#else
#define MODULE_INFO(tag, text) static_assert(sizeof(text) != 0)
#endif

#define MODULE_LICENSE(text) MODULE_INFO(license, text)
#define MODULE_AUTHOR(text) MODULE_INFO(author, text)
#define MODULE_DESCRIPTION(text) MODULE_INFO(description, text)
#define MODULE_VERSION(text) MODULE_INFO(version, text)
#define MODULE_ALIAS(text) MODULE_INFO(alias, text)
#define MODULE_SOFTDEP(text) MODULE_INFO(softdep, text)
#define MODULE_PARM_DESC(parameter, text) MODULE_INFO(parm, #parameter ":" text)

// Functions and data that exist only while the module starts, and data that nobody writes after that.
#define TENON_INIT [[gnu::section(".init.text"), gnu::cold]]
#define TENON_INIT_DATA [[gnu::section(".init.data")]]
#define TENON_INIT_RODATA [[gnu::section(".init.rodata")]]

// A text that only start-up reads, as a std::string_view; a plain literal stays as long as the module does, because the compiler cannot
// know who keeps a pointer to it. For log lines of init functions; never for a name that a registered object keeps.
#define TENON_INIT_TEXT(text)                                          \
    ([]() -> std::string_view {                                        \
        TENON_INIT_RODATA static constexpr char tenon_text[] = text;   \
        return {tenon_text, sizeof(tenon_text) - 1};                   \
    }())
#define TENON_RO_AFTER_INIT [[gnu::section(".data..ro_after_init")]]

#ifdef MODULE
#define TENON_PARAMETER_PREFIX ""
#define module_init(function)                                                                     \
    extern "C" [[gnu::used, gnu::visibility("default"), gnu::section(".init.text")]] int init_module() \
    {                                                                                             \
        return ::tenon::detail::start_status((function)());                                      \
    }                                                                                             \
    static_assert(true)
#define module_exit(function)                                                      \
    extern "C" [[gnu::used, gnu::visibility("default"), gnu::section(".exit.text")]] void cleanup_module() \
    {                                                                              \
        (function)();                                                              \
    }                                                                              \
    static_assert(true)
#else
#define TENON_PARAMETER_PREFIX TENON_MODULE_NAME "."
// Called at boot in link order; a failure is logged.
#define module_init(function)                                                                                       \
    [[gnu::used, gnu::section(".initcall")]] static int (*const TENON_UNIQUE(tenon_initcall_))() = [] {            \
        return ::tenon::detail::start_status((function)());                                                        \
    }
#define module_exit(function) [[maybe_unused]] static constexpr auto TENON_UNIQUE(tenon_exit_) = (function)
#endif

#define TENON_PARAMETER(parameter, make)                                                       \
    [[gnu::used, gnu::aligned(8), gnu::section("__param")]] static constinit const ::tenon::Parameter          \
        TENON_JOIN(tenon_parameter_, parameter) = ::tenon::detail::make

// `type` is one of: byte short ushort int uint long ulong ullong hexint bool invbool charp. `permissions` are those of the file
// /sys/module/NAME/parameters/PARAMETER; 0: no file.
#define module_param(parameter, type, permissions) module_param_named(parameter, parameter, type, permissions)
#define module_param_named(parameter, variable, type, permissions)                                        \
    TENON_PARAMETER(parameter, make_parameter<::tenon::ParameterKind::type##_>(                           \
                                   TENON_PARAMETER_PREFIX #parameter, &(variable), permissions));         \
    MODULE_INFO(parmtype, #parameter ":" #type)
#define module_param_array(parameter, type, count, permissions) \
    module_param_array_named(parameter, parameter, type, count, permissions)
#define module_param_array_named(parameter, variable, type, count, permissions)                                  \
    TENON_PARAMETER(parameter, make_array_parameter<::tenon::ParameterKind::type##_>(                            \
                                   TENON_PARAMETER_PREFIX #parameter, &(variable), count, permissions));         \
    MODULE_INFO(parmtype, #parameter ":array of " #type)
#define module_param_string(parameter, variable, permissions)                                                  \
    TENON_PARAMETER(parameter,                                                                                 \
                    make_string_parameter(TENON_PARAMETER_PREFIX #parameter, &(variable), permissions));       \
    MODULE_INFO(parmtype, #parameter ":string")
// `operations` is a ParameterOperations; `type` is the word that modinfo shows.
#define module_param_custom(parameter, operations, variable, type, permissions)                                \
    TENON_PARAMETER(parameter, make_custom_parameter(TENON_PARAMETER_PREFIX #parameter, &(variable),           \
                                                     &(operations), permissions));                            \
    MODULE_INFO(parmtype, #parameter ":" type)

// Offers a function or variable, of C or C++ linkage, to other modules by its linker name. EXPORT_SYMBOL_GPL only to modules with
// a GPL-compatible licence. The carrier function is discarded by the linker script; only its directives count.
#define TENON_EXPORT(symbol, table)                                                                        \
    [[gnu::used, gnu::section(".discard.exports")]] static void TENON_UNIQUE(tenon_export_)()             \
    {                                                                                                      \
        asm volatile(".pushsection __ksymtab_strings, \"a\", %%progbits\n"                                 \
                     "9: .asciz \"%c0\"\n"                                                                 \
                     ".popsection\n"                                                                       \
                     ".pushsection " table ", \"aw\", %%progbits\n"                                        \
                     ".balign 8\n"                                                                         \
                     ".quad %c0, 9b, 0, 0, 0\n"                                                            \
                     ".popsection" ::"i"(&(symbol)));                                                     \
    }                                                                                                      \
    static_assert(true)
#define EXPORT_SYMBOL(symbol) TENON_EXPORT(symbol, "__ksymtab")
#define EXPORT_SYMBOL_GPL(symbol) TENON_EXPORT(symbol, "__ksymtab_gpl")
