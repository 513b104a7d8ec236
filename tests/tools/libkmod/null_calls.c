// Every function of libkmod without the object that it needs. With FORK in the environment each call has a process of
// its own, so that one that kmod's library does not survive is seen.

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tools/libkmod/client.h"

#pragma GCC diagnostic ignored "-Wnonnull"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static bool begin_call(const char* call)
{
    printf("  %s", call);
    if (getenv("FORK") == NULL)
        return true;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0)
        return true;
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status))
        puts(" crashes");
    return false;
}

static void end_call(void)
{
    if (getenv("FORK") == NULL)
        return;
    fflush(stdout);
    _exit(0);
}

#define CALL(call, print)      \
    if (begin_call(#call)) {   \
        print;                 \
        end_call();            \
    }
#define PRINT_NUMBER(call) CALL(call, printf(" = %ld\n", (long)(call)))
#define PRINT_NULL(call) CALL(call, puts((call) == NULL ? " is NULL" : " is not NULL"))
#define JUST(call) CALL(call, call; puts(""))

static void call_entries_without_objects(void)
{
    PRINT_NULL(kmod_list_next(NULL, NULL));
    PRINT_NULL(kmod_list_prev(NULL, NULL));
    PRINT_NULL(kmod_list_last(NULL));
    PRINT_NULL(kmod_module_get_module(NULL));
    PRINT_NULL(kmod_module_section_get_name(NULL));
    PRINT_NUMBER(kmod_module_section_get_address(NULL));
    PRINT_NULL(kmod_module_info_get_key(NULL));
    PRINT_NULL(kmod_module_info_get_value(NULL));
    PRINT_NULL(kmod_module_version_get_symbol(NULL));
    PRINT_NUMBER(kmod_module_version_get_crc(NULL));
    PRINT_NULL(kmod_module_symbol_get_symbol(NULL));
    PRINT_NUMBER(kmod_module_symbol_get_crc(NULL));
    PRINT_NULL(kmod_module_dependency_symbol_get_symbol(NULL));
    PRINT_NUMBER(kmod_module_dependency_symbol_get_bind(NULL));
    PRINT_NUMBER(kmod_module_dependency_symbol_get_crc(NULL));
    JUST(kmod_module_section_free_list(NULL));
    JUST(kmod_module_info_free_list(NULL));
    JUST(kmod_module_versions_free_list(NULL));
    JUST(kmod_module_symbols_free_list(NULL));
    JUST(kmod_module_dependency_symbols_free_list(NULL));
    PRINT_NUMBER(kmod_module_unref_list(NULL));
    PRINT_NUMBER(kmod_config_iter_next(NULL));
    PRINT_NULL(kmod_config_iter_get_key(NULL));
    PRINT_NULL(kmod_config_iter_get_value(NULL));
    JUST(kmod_config_iter_free_iter(NULL));
}

static void call_modules_without_objects(void)
{
    struct kmod_list *list = NULL, *other = NULL;
    PRINT_NULL(kmod_module_ref(NULL));
    PRINT_NULL(kmod_module_unref(NULL));
    PRINT_NULL(kmod_module_get_name(NULL));
    PRINT_NULL(kmod_module_get_path(NULL));
    PRINT_NULL(kmod_module_get_options(NULL));
    PRINT_NULL(kmod_module_get_install_commands(NULL));
    PRINT_NULL(kmod_module_get_remove_commands(NULL));
    PRINT_NULL(kmod_module_get_dependencies(NULL));
    PRINT_NUMBER(kmod_module_get_softdeps(NULL, &list, &other));
    PRINT_NUMBER(kmod_module_get_initstate(NULL));
    PRINT_NUMBER(kmod_module_get_refcnt(NULL));
    PRINT_NUMBER(kmod_module_get_size(NULL));
    PRINT_NULL(kmod_module_get_holders(NULL));
    PRINT_NULL(kmod_module_get_sections(NULL));
    PRINT_NUMBER(kmod_module_get_info(NULL, &list));
    PRINT_NUMBER(kmod_module_get_versions(NULL, &list));
    PRINT_NUMBER(kmod_module_get_symbols(NULL, &list));
    PRINT_NUMBER(kmod_module_get_dependency_symbols(NULL, &list));
    PRINT_NUMBER(kmod_module_insert_module(NULL, 0, ""));
    PRINT_NUMBER(kmod_module_probe_insert_module(NULL, 0, NULL, NULL, NULL, NULL));
    PRINT_NUMBER(kmod_module_remove_module(NULL, 0));
    for (int state = -1; state < 5; ++state)
        printf("  state %d is %s\n", state, shown(kmod_module_initstate_str((enum kmod_module_initstate)state)));
}

void call_without_objects(struct kmod_ctx* context)
{
    struct kmod_module* module = NULL;
    struct kmod_list* list = NULL;
    PRINT_NULL(kmod_ref(NULL));
    PRINT_NULL(kmod_unref(NULL));
    PRINT_NULL(kmod_get_dirname(NULL));
    PRINT_NULL(kmod_get_userdata(NULL));
    PRINT_NUMBER(kmod_get_log_priority(NULL));
    JUST(kmod_set_log_priority(NULL, 3));
    JUST(kmod_set_log_fn(NULL, NULL, NULL));
    JUST(kmod_set_userdata(NULL, NULL));
    PRINT_NUMBER(kmod_load_resources(NULL));
    JUST(kmod_unload_resources(NULL));
    PRINT_NUMBER(kmod_validate_resources(NULL));
    PRINT_NUMBER(kmod_dump_index(NULL, KMOD_INDEX_MODULES_DEP, 1));
    PRINT_NUMBER(kmod_dump_index(context, KMOD_INDEX_MODULES_DEP, -1));
    PRINT_NUMBER(kmod_dump_index(context, (enum kmod_index)17, 1));
    PRINT_NULL(kmod_config_get_blacklists(NULL));
    PRINT_NULL(kmod_config_get_install_commands(NULL));
    PRINT_NULL(kmod_config_get_remove_commands(NULL));
    PRINT_NULL(kmod_config_get_aliases(NULL));
    PRINT_NULL(kmod_config_get_options(NULL));
    PRINT_NULL(kmod_config_get_softdeps(NULL));
    PRINT_NUMBER(kmod_module_new_from_name(NULL, "x", &module));
    PRINT_NUMBER(kmod_module_new_from_name(context, NULL, &module));
    PRINT_NUMBER(kmod_module_new_from_path(NULL, "x", &module));
    PRINT_NUMBER(kmod_module_new_from_path(context, NULL, &module));
    PRINT_NUMBER(kmod_module_new_from_lookup(NULL, "x", &list));
    PRINT_NUMBER(kmod_module_new_from_lookup(context, NULL, &list));
    PRINT_NUMBER(kmod_module_new_from_lookup(context, "x", NULL));
    PRINT_NUMBER(new_from_name_lookup(NULL, "x", &module));
    PRINT_NUMBER(kmod_module_new_from_loaded(NULL, &list));
    PRINT_NUMBER(kmod_module_apply_filter(NULL, KMOD_FILTER_BLACKLIST, NULL, &list));
    PRINT_NUMBER(kmod_module_get_filtered_blacklist(NULL, NULL, &list));
    call_entries_without_objects();
    call_modules_without_objects();
}
