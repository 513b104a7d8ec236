#pragma once

// libkmod: what the commands of kmod do, for C programs. Functions, soname and symbol versions are those of kmod 34's libkmod, so that
// programs built for that library run with this one.
//
// Errors are negative errno values; functions that return a pointer give NULL. A NULL argument is an error (-ENOENT where nothing else is
// said), never a crash. Objects are counted: what a function named `new` or `get_module`, or one that hands out a list, gives must be given
// back by the matching unref or free function; other strings and pointers belong to the object that they were asked of and live as long.
//
// A context with its modules, lists and iterators may be used by one thread at a time; different contexts need no care. Running the install
// command of a module changes the environment of the process for that time.

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// Contexts: a folder of modules and what modprobe.d says.
struct kmod_ctx;

// `dirname` is the folder of one release, that of the running kernel if NULL. `config_paths` are folders or files up to a NULL, those of
// modprobe.d(5) if NULL; an empty list means none. The environment variable KMOD_LOG sets the log priority (a number, err, info, debug).
struct kmod_ctx* kmod_new(const char* dirname, const char* const* config_paths);
struct kmod_ctx* kmod_ref(struct kmod_ctx* ctx);
// NULL when that was the last reference.
struct kmod_ctx* kmod_unref(struct kmod_ctx* ctx);

// Messages go to `log_fn` instead of standard error; NULL drops them. `fn` is the function of this library that was called; `format` ends
// with a newline.
void kmod_set_log_fn(struct kmod_ctx* ctx,
                     void (*log_fn)(void* log_data, int priority, const char* file, int line, const char* fn, const char* format,
                                    va_list args),
                     const void* data);
// What is less urgent is dropped; the numbers are those of syslog(3), the default is LOG_ERR.
int kmod_get_log_priority(const struct kmod_ctx* ctx);
void kmod_set_log_priority(struct kmod_ctx* ctx, int priority);

void* kmod_get_userdata(const struct kmod_ctx* ctx);
void kmod_set_userdata(struct kmod_ctx* ctx, const void* userdata);

// The folder of modules, absolute.
const char* kmod_get_dirname(const struct kmod_ctx* ctx);

// Opens all indexes and keeps them until they are unloaded or the context dies. Without that each look-up opens what it needs, and sees
// what depmod wrote meanwhile. An index that cannot be opened is an error and nothing stays loaded; modules.builtin.alias may be missing.
int kmod_load_resources(struct kmod_ctx* ctx);
void kmod_unload_resources(struct kmod_ctx* ctx);

enum kmod_resources {
    KMOD_RESOURCES_OK = 0,
    KMOD_RESOURCES_MUST_RELOAD = 1,    // a loaded index has changed
    KMOD_RESOURCES_MUST_RECREATE = 2,  // the configuration has: the context is out of date
};
// Whether the files are still those that were read, by their times.
int kmod_validate_resources(struct kmod_ctx* ctx);

enum kmod_index {
    KMOD_INDEX_MODULES_DEP = 0,
    KMOD_INDEX_MODULES_ALIAS,
    KMOD_INDEX_MODULES_SYMBOL,
    KMOD_INDEX_MODULES_BUILTIN_ALIAS,
    KMOD_INDEX_MODULES_BUILTIN,
    _KMOD_INDEX_PAD = 1U << 31,  // makes the type as wide as an int
};
// Writes an index as text, a line for each key and value; with `alias ` before aliases and symbols. -ENOSYS if `ctx` is NULL or
// the file cannot be read, -ENOENT for a number that is no index, else why it could not be written.
int kmod_dump_index(struct kmod_ctx* ctx, enum kmod_index type, int fd);

// Lists. NULL is the empty one; `list` is always the first entry.
struct kmod_list;
struct kmod_list* kmod_list_next(const struct kmod_list* list, const struct kmod_list* curr);
struct kmod_list* kmod_list_prev(const struct kmod_list* list, const struct kmod_list* curr);
struct kmod_list* kmod_list_last(const struct kmod_list* list);

#define kmod_list_foreach(list_entry, first_entry) \
    for (list_entry = first_entry; list_entry != NULL; list_entry = kmod_list_next(first_entry, list_entry))
#define kmod_list_foreach_reverse(list_entry, first_entry) \
    for (list_entry = kmod_list_last(first_entry); list_entry != NULL; list_entry = kmod_list_prev(first_entry, list_entry))

// The configuration, in the order in which it was read. Iterators stand before the first entry until kmod_config_iter_next() is called; at
// the end that says false, and begins anew when it is called once more. They must not outlive the context.
struct kmod_config_iter;
struct kmod_config_iter* kmod_config_get_blacklists(const struct kmod_ctx* ctx);
struct kmod_config_iter* kmod_config_get_install_commands(const struct kmod_ctx* ctx);
struct kmod_config_iter* kmod_config_get_remove_commands(const struct kmod_ctx* ctx);
struct kmod_config_iter* kmod_config_get_aliases(const struct kmod_ctx* ctx);
struct kmod_config_iter* kmod_config_get_options(const struct kmod_ctx* ctx);
struct kmod_config_iter* kmod_config_get_softdeps(const struct kmod_ctx* ctx);
struct kmod_config_iter* kmod_config_get_weakdeps(const struct kmod_ctx* ctx);
// The module, or the pattern of an alias or command. NULL where the iterator stands on no entry.
const char* kmod_config_iter_get_key(const struct kmod_config_iter* iter);
// The rest of the line, in the form of modprobe -c. NULL for blacklists.
const char* kmod_config_iter_get_value(const struct kmod_config_iter* iter);
bool kmod_config_iter_next(struct kmod_config_iter* iter);
void kmod_config_iter_free_iter(struct kmod_config_iter* iter);

// Modules. One context has one object for a name, and one for each alias that led to it; that a name is known does not mean that there is
// a file.
struct kmod_module;
int kmod_module_new_from_name(struct kmod_ctx* ctx, const char* name, struct kmod_module** mod);
// The file must exist, and its name up to the first dot is the module's. -EEXIST when the context knows the name with another file.
int kmod_module_new_from_path(struct kmod_ctx* ctx, const char* path, struct kmod_module** mod);
// All modules that a name or alias leads to, as modprobe finds them; success with an empty list when there are none. -ENOSYS when `*list` is
// not NULL, -EINVAL for an alias with an open bracket.
int kmod_module_new_from_lookup(struct kmod_ctx* ctx, const char* given_alias, struct kmod_list** list);
// By name alone: a module of the folder, or one that is built in. Success with `*mod` NULL when there is none.
int kmod_module_new_from_name_lookup(struct kmod_ctx* ctx, const char* modname, struct kmod_module** mod);
// All modules in the kernel, in the order of /proc/modules.
int kmod_module_new_from_loaded(struct kmod_ctx* ctx, struct kmod_list** list);

struct kmod_module* kmod_module_ref(struct kmod_module* mod);
// NULL when that was the last reference.
struct kmod_module* kmod_module_unref(struct kmod_module* mod);
// Frees a list and gives its references back.
int kmod_module_unref_list(struct kmod_list* list);
// The module of an entry, with a reference of its own.
struct kmod_module* kmod_module_get_module(const struct kmod_list* entry);

enum kmod_remove {
    KMOD_REMOVE_FORCE = O_TRUNC,
    KMOD_REMOVE_NOWAIT = O_NONBLOCK,  // always so
    KMOD_REMOVE_NOLOG = 1,            // a failure is no message
};

enum kmod_insert {
    KMOD_INSERT_FORCE_VERMAGIC = 0x1,
    KMOD_INSERT_FORCE_MODVERSION = 0x2,
};

enum kmod_probe {
    KMOD_PROBE_FORCE_VERMAGIC = 0x00001,
    KMOD_PROBE_FORCE_MODVERSION = 0x00002,
    KMOD_PROBE_IGNORE_COMMAND = 0x00004,  // of the module itself
    KMOD_PROBE_IGNORE_LOADED = 0x00008,   // as if nothing were in the kernel
    KMOD_PROBE_DRY_RUN = 0x00010,
    KMOD_PROBE_FAIL_ON_LOADED = 0x00020,  // -EEXIST instead of success

    // When the blacklist stops a probe, the flag that let it is the result.
    KMOD_PROBE_APPLY_BLACKLIST_ALL = 0x10000,         // its dependencies, too
    KMOD_PROBE_APPLY_BLACKLIST = 0x20000,             // the module itself
    KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY = 0x40000,  // the module itself, found by an alias
};

enum kmod_filter {
    KMOD_FILTER_BLACKLIST = 0x00001,
    KMOD_FILTER_BUILTIN = 0x00002,
};

int kmod_module_remove_module(struct kmod_module* mod, unsigned int flags);
// The module's file alone, with these parameters. -ENOENT when no file is known; else the kernel's error.
int kmod_module_insert_module(struct kmod_module* mod, unsigned int flags, const char* options);
// What modprobe does: soft dependencies, dependencies, the module, each by its install command or its file. `run_install` runs a command in
// the place of the shell and gives its result; `print_action` is told of each step before it is taken. Both may be NULL.
int kmod_module_probe_insert_module(struct kmod_module* mod, unsigned int flags, const char* extra_options,
                                    int (*run_install)(struct kmod_module* m, const char* cmdline, void* data), const void* data,
                                    void (*print_action)(struct kmod_module* m, bool install, const char* options));

const char* kmod_module_get_name(const struct kmod_module* mod);
// The file, absolute; NULL when none is known.
const char* kmod_module_get_path(const struct kmod_module* mod);
// From the configuration, as they stood when it was asked first; NULL when there are none.
const char* kmod_module_get_options(const struct kmod_module* mod);
const char* kmod_module_get_install_commands(const struct kmod_module* mod);
const char* kmod_module_get_remove_commands(const struct kmod_module* mod);
// In the order in which they must be loaded.
struct kmod_list* kmod_module_get_dependencies(const struct kmod_module* mod);
// A dependency that cannot be looked up is a message.
int kmod_module_get_softdeps(const struct kmod_module* mod, struct kmod_list** pre, struct kmod_list** post);
int kmod_module_get_weakdeps(const struct kmod_module* mod, struct kmod_list** weak);
// The entries of `input` that the filters do not take out, as a list of its own.
int kmod_module_apply_filter(const struct kmod_ctx* ctx, enum kmod_filter filter_type, const struct kmod_list* input,
                             struct kmod_list** output);
// The same for the blacklist.
int kmod_module_get_filtered_blacklist(const struct kmod_ctx* ctx, const struct kmod_list* input, struct kmod_list** output)
    __attribute__((deprecated));

// What the kernel says of a module.
enum kmod_module_initstate {
    KMOD_MODULE_BUILTIN = 0,
    KMOD_MODULE_LIVE,
    KMOD_MODULE_COMING,
    KMOD_MODULE_GOING,
    _KMOD_MODULE_PAD = 1U << 31,  // makes the type as wide as an int
};
// "builtin", "live", "coming", "going".
const char* kmod_module_initstate_str(enum kmod_module_initstate state);
// -ENOENT when it is neither loaded nor built in.
int kmod_module_get_initstate(const struct kmod_module* mod);
int kmod_module_get_refcnt(const struct kmod_module* mod);
// Those that use it.
struct kmod_list* kmod_module_get_holders(const struct kmod_module* mod);
struct kmod_list* kmod_module_get_sections(const struct kmod_module* mod);
const char* kmod_module_section_get_name(const struct kmod_list* entry);
unsigned long kmod_module_section_get_address(const struct kmod_list* entry);
void kmod_module_section_free_list(struct kmod_list* list);
long kmod_module_get_size(const struct kmod_module* mod);

// What a module's file says, which may be compressed. Each returns the number of entries; `*list` must be NULL, else -EINVAL.
// The fields of .modinfo in the order of the file, then those of the signature; of one built in, what modules.builtin.modinfo has.
int kmod_module_get_info(const struct kmod_module* mod, struct kmod_list** list);
const char* kmod_module_info_get_key(const struct kmod_list* entry);
const char* kmod_module_info_get_value(const struct kmod_list* entry);
void kmod_module_info_free_list(struct kmod_list* list);

// The versions of symbols that it was built against. -ENOENT when there are none.
int kmod_module_get_versions(const struct kmod_module* mod, struct kmod_list** list);
const char* kmod_module_version_get_symbol(const struct kmod_list* entry);
uint64_t kmod_module_version_get_crc(const struct kmod_list* entry);
void kmod_module_versions_free_list(struct kmod_list* list);

// The symbols that it exports. -ENOENT when there are none.
int kmod_module_get_symbols(const struct kmod_module* mod, struct kmod_list** list);
const char* kmod_module_symbol_get_symbol(const struct kmod_list* entry);
uint64_t kmod_module_symbol_get_crc(const struct kmod_list* entry);
void kmod_module_symbols_free_list(struct kmod_list* list);

enum kmod_symbol_bind {
    KMOD_SYMBOL_NONE = '\0',
    KMOD_SYMBOL_LOCAL = 'L',
    KMOD_SYMBOL_GLOBAL = 'G',
    KMOD_SYMBOL_WEAK = 'W',
    KMOD_SYMBOL_UNDEF = 'U',
};

// The symbols that it needs, with the versions that it was built against; 0 where none is known.
int kmod_module_get_dependency_symbols(const struct kmod_module* mod, struct kmod_list** list);
const char* kmod_module_dependency_symbol_get_symbol(const struct kmod_list* entry);
int kmod_module_dependency_symbol_get_bind(const struct kmod_list* entry);
uint64_t kmod_module_dependency_symbol_get_crc(const struct kmod_list* entry);
void kmod_module_dependency_symbols_free_list(struct kmod_list* list);

#ifdef __cplusplus
}
#endif
