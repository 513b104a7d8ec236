// client FOLDER [CONFIG...]: calls libkmod as the lines of its input say and prints what it answers, so that two libraries can be compared.
// FOLDER is the folder of modules, `-` for that of the running kernel; CONFIG are the paths of the configuration, `-` for the usual ones.
//
// A line is a word and an argument:
//   lookup ALIAS, find NAME, name NAME, path FILE, loaded    makes modules, about each of which everything is asked; `find` by name alone
//   contents FILE        info, versions, symbols and needed symbols of a file
//   probe FLAGS NAME [OPTIONS], insert FLAGS NAME [OPTIONS], remove FLAGS NAME
//   config, dump NUMBER, load, unload, validate, null        the last calls every function without an object

#define _GNU_SOURCE  // RTLD_DEFAULT

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/libkmod/client.h"

static struct kmod_ctx* context;

// kmod 30 has the first under another version, and none of the others.
int (*new_from_name_lookup)(struct kmod_ctx*, const char*, struct kmod_module**);
static int (*get_weakdeps)(const struct kmod_module*, struct kmod_list**);
static struct kmod_config_iter* (*config_weakdeps)(const struct kmod_ctx*);

const char* shown(const char* text)
{
    return text == NULL ? "(none)" : text;
}

static void print_names(const char* title, struct kmod_list* list)
{
    struct kmod_list* entry;
    printf("  %s:", title);
    kmod_list_foreach(entry, list) {
        struct kmod_module* module = kmod_module_get_module(entry);
        printf(" %s", kmod_module_get_name(module));
        kmod_module_unref(module);
    }
    puts("");
    printf("  %s backwards:", title);
    kmod_list_foreach_reverse(entry, list) {
        struct kmod_module* module = kmod_module_get_module(entry);
        printf(" %s", kmod_module_get_name(module));
        kmod_module_unref(module);
    }
    puts("");
}

static void print_dependencies(struct kmod_module* module)
{
    struct kmod_list *before = NULL, *after = NULL, *weak = NULL;
    struct kmod_list* needed = kmod_module_get_dependencies(module);
    print_names("needs", needed);
    kmod_module_unref_list(needed);
    printf("  softdeps %d\n", kmod_module_get_softdeps(module, &before, &after));
    print_names("before", before);
    print_names("after", after);
    kmod_module_unref_list(before);
    kmod_module_unref_list(after);
    if (get_weakdeps == NULL || getenv("WEAKDEPS") == NULL)
        return;
    printf("  weakdeps %d\n", get_weakdeps(module, &weak));
    print_names("weak", weak);
    kmod_module_unref_list(weak);
}

static void print_state(struct kmod_module* module)
{
    struct kmod_list* entry;
    const int state = kmod_module_get_initstate(module);
    const char* words = state < 0 ? NULL : kmod_module_initstate_str((enum kmod_module_initstate)state);
    printf("  state %d %s, refcnt %d, size %ld\n", state, shown(words), kmod_module_get_refcnt(module), kmod_module_get_size(module));
    struct kmod_list* holders = kmod_module_get_holders(module);
    print_names("holders", holders);
    kmod_module_unref_list(holders);
    struct kmod_list* sections = kmod_module_get_sections(module);
    kmod_list_foreach(entry, sections)
        printf("  section %s %lx\n", kmod_module_section_get_name(entry), kmod_module_section_get_address(entry));
    kmod_module_section_free_list(sections);
}

static void print_module(struct kmod_module* module)
{
    printf("module %s\n", kmod_module_get_name(module));
    for (int twice = 0; twice < 2; ++twice) {
        printf("  path %s\n", shown(kmod_module_get_path(module)));
        printf("  options %s\n", shown(kmod_module_get_options(module)));
        printf("  install %s\n", shown(kmod_module_get_install_commands(module)));
        printf("  remove %s\n", shown(kmod_module_get_remove_commands(module)));
    }
    print_dependencies(module);
    print_state(module);
}

static void print_list(struct kmod_list* list)
{
    struct kmod_list *entry, *kept = NULL;
    kmod_list_foreach(entry, list) {
        struct kmod_module* module = kmod_module_get_module(entry);
        print_module(module);
        kmod_module_unref(module);
    }
    for (unsigned filter = 1; filter <= 3; ++filter) {
        printf("filter %u: %d\n", filter, kmod_module_apply_filter(context, (enum kmod_filter)filter, list, &kept));
        print_names("kept", kept);
        kmod_module_unref_list(kept);
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    printf("filtered blacklist %d\n", kmod_module_get_filtered_blacklist(context, list, &kept));
#pragma GCC diagnostic pop
    print_names("kept", kept);
    kmod_module_unref_list(kept);
    kmod_module_unref_list(list);
}

static void print_contents(struct kmod_module* module)
{
    struct kmod_list *entry, *info = NULL, *versions = NULL, *symbols = NULL, *needed = NULL;
    printf("info %d\n", kmod_module_get_info(module, &info));
    kmod_list_foreach(entry, info)
        printf("  %s=%s\n", kmod_module_info_get_key(entry), kmod_module_info_get_value(entry));
    kmod_module_info_free_list(info);
    printf("versions %d\n", kmod_module_get_versions(module, &versions));
    kmod_list_foreach(entry, versions)
        printf("  %s %jx\n", kmod_module_version_get_symbol(entry), (uintmax_t)kmod_module_version_get_crc(entry));
    kmod_module_versions_free_list(versions);
    printf("symbols %d\n", kmod_module_get_symbols(module, &symbols));
    kmod_list_foreach(entry, symbols)
        printf("  %s %jx\n", kmod_module_symbol_get_symbol(entry), (uintmax_t)kmod_module_symbol_get_crc(entry));
    kmod_module_symbols_free_list(symbols);
    printf("needed %d\n", kmod_module_get_dependency_symbols(module, &needed));
    kmod_list_foreach(entry, needed)
        printf("  %s %jx %c\n", kmod_module_dependency_symbol_get_symbol(entry),
               (uintmax_t)kmod_module_dependency_symbol_get_crc(entry), kmod_module_dependency_symbol_get_bind(entry));
    kmod_module_dependency_symbols_free_list(needed);
}

static int run_install(struct kmod_module* module, const char* command, void* data)
{
    printf("  run %s for %s, %s\n", command, kmod_module_get_name(module), (const char*)data);
    return 0;
}

static void print_action(struct kmod_module* module, bool install, const char* options)
{
    printf("  %s %s %s [%s]\n", install ? "command" : "file", kmod_module_get_name(module), shown(kmod_module_get_path(module)), options);
}

// FLAGS NAME [OPTIONS] of `action`; alias or name.
static void act(const char* action, char* argument)
{
    struct kmod_list *entry, *list = NULL;
    char* name = NULL;
    const unsigned flags = (unsigned)strtoul(argument, &name, 0);
    name += strspn(name, " ");
    char* options = strchr(name, ' ');
    if (options != NULL)
        *options++ = '\0';
    printf("%s %x %s: lookup %d\n", action, flags, name, kmod_module_new_from_lookup(context, name, &list));
    kmod_list_foreach(entry, list) {
        struct kmod_module* module = kmod_module_get_module(entry);
        int result = 0;
        if (strcmp(action, "probe") == 0)
            result = kmod_module_probe_insert_module(module, flags, options, run_install, "data", print_action);
        else if (strcmp(action, "insert") == 0)
            result = kmod_module_insert_module(module, flags, options);
        else
            result = kmod_module_remove_module(module, flags);
        printf("  %s: %d\n", kmod_module_get_name(module), result);
        kmod_module_unref(module);
    }
    kmod_module_unref_list(list);
}

static void print_config(const char* title, struct kmod_config_iter* iterator)
{
    printf("config %s, before: %s\n", title, shown(kmod_config_iter_get_key(iterator)));
    for (int twice = 0; twice < 2; ++twice)
        while (kmod_config_iter_next(iterator))
            printf("  %s: %s\n", kmod_config_iter_get_key(iterator), shown(kmod_config_iter_get_value(iterator)));
    printf("  after: %s %s\n", shown(kmod_config_iter_get_key(iterator)), shown(kmod_config_iter_get_value(iterator)));
    kmod_config_iter_free_iter(iterator);
}

static void print_all_config(void)
{
    print_config("blacklists", kmod_config_get_blacklists(context));
    print_config("install", kmod_config_get_install_commands(context));
    print_config("remove", kmod_config_get_remove_commands(context));
    print_config("aliases", kmod_config_get_aliases(context));
    print_config("options", kmod_config_get_options(context));
    print_config("softdeps", kmod_config_get_softdeps(context));
    if (config_weakdeps != NULL && getenv("WEAKDEPS") != NULL)
        print_config("weakdeps", config_weakdeps(context));
}

static void make(const char* word, const char* argument)
{
    struct kmod_module* module = NULL;
    struct kmod_list* list = NULL;
    if (strcmp(word, "lookup") == 0) {
        printf("%s %s: %d\n", word, argument, kmod_module_new_from_lookup(context, argument, &list));
        print_list(list);
        return;
    }
    if (strcmp(word, "loaded") == 0) {
        printf("%s: %d\n", word, kmod_module_new_from_loaded(context, &list));
        print_list(list);
        return;
    }
    int result = 0;
    if (strcmp(word, "find") == 0)
        result = new_from_name_lookup(context, argument, &module);
    else if (strcmp(word, "name") == 0)
        result = kmod_module_new_from_name(context, argument, &module);
    else
        result = kmod_module_new_from_path(context, argument, &module);
    printf("%s %s: %d\n", word, argument, result);
    if (module == NULL)
        return;
    if (strcmp(word, "contents") == 0)
        print_contents(module);
    else
        print_module(module);
    printf("last reference: %d\n", kmod_module_unref(module) == NULL);
}

static void perform(char* line)
{
    char* argument = line + strcspn(line, " ");
    if (*argument != '\0')
        *argument++ = '\0';
    if (strcmp(line, "config") == 0) {
        print_all_config();
    } else if (strcmp(line, "dump") == 0) {
        fflush(stdout);
        const int result = kmod_dump_index(context, (enum kmod_index)atoi(argument), 1);
        printf("dump %s: %d\n", argument, result);
    } else if (strcmp(line, "load") == 0) {
        printf("load %d\n", kmod_load_resources(context));
    } else if (strcmp(line, "unload") == 0) {
        kmod_unload_resources(context);
    } else if (strcmp(line, "validate") == 0) {
        printf("validate %d\n", kmod_validate_resources(context));
    } else if (strcmp(line, "null") == 0) {
        call_without_objects(context);
    } else if (strcmp(line, "probe") == 0 || strcmp(line, "insert") == 0 || strcmp(line, "remove") == 0) {
        act(line, argument);
    } else {
        make(line, argument);
    }
}

static void count_message(void* data, int priority, const char* file, int line, const char* function, const char* format, va_list arguments)
{
    (void)file, (void)line;
    ++*(int*)data;
    if (getenv("MESSAGES") == NULL)
        return;
    printf("message %d of %s: ", priority, function);
    vprintf(format, arguments);
}

int main(int count, char** arguments)
{
    static int messages;
    if (count < 2)
        return 2;
    new_from_name_lookup = (int (*)(struct kmod_ctx*, const char*, struct kmod_module**))dlsym(RTLD_DEFAULT, "kmod_module_new_from_name_lookup");
    get_weakdeps = (int (*)(const struct kmod_module*, struct kmod_list**))dlsym(RTLD_DEFAULT, "kmod_module_get_weakdeps");
    config_weakdeps = (struct kmod_config_iter * (*)(const struct kmod_ctx*)) dlsym(RTLD_DEFAULT, "kmod_config_get_weakdeps");
    const char* folder = strcmp(arguments[1], "-") == 0 ? NULL : arguments[1];
    const bool usual = count > 2 && strcmp(arguments[2], "-") == 0;
    context = kmod_new(folder, usual ? NULL : (const char* const*)arguments + 2);
    if (context == NULL)
        return 1;
    kmod_set_log_fn(context, count_message, &messages);
    kmod_set_userdata(context, &messages);
    printf("folder %s, priority %d, userdata %d\n", kmod_get_dirname(context), kmod_get_log_priority(context),
           kmod_get_userdata(context) == &messages);
    char* line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        perform(line);
    }
    free(line);
    if (getenv("MESSAGES") != NULL)
        printf("messages: %d\n", messages);
    printf("second reference: %d\n", kmod_unref(kmod_ref(context)) == context);
    printf("last reference: %d\n", kmod_unref(context) == NULL);
    return 0;
}
