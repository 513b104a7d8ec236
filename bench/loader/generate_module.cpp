// generate_module NAME FUNCTIONS CALLS EXPORTS: writes the C source of a module whose size is set by its arguments, to
// standard output: FUNCTIONS functions with CALLS calls each (to the kernel's string functions and to each other), a
// table of pointers to all of them, EXPORTS exported functions, two parameters. The same source is built for Linux and
// for Tenon, so that both loaders do the same work.

#include <array>
#include <cstdio>
#include <cstdlib>

namespace {

void write_call(const char* name, int function, int call)
{
    constexpr std::array statements{"r += strcmp(a, b);", "r += strlen(a);", "memset(b, r, n);", "if (strchr(a, r)) r++;"};
    const std::size_t kind = static_cast<std::size_t>(function * 7 + call) % 5;
    if (kind < statements.size())
        std::printf("    %s\n", statements[kind]);
    else if (function > 0)
        std::printf("    r += %s_f%d(a, b, r);\n", name, function - 1);
    else
        std::printf("    r++;\n");
}

void write_functions(const char* name, int functions, int calls)
{
    for (int function = 0; function < functions; ++function) {
        std::printf("noinline int %s_f%d(const char *a, char *b, int n)\n{\n    int r = n;\n", name, function);
        for (int call = 0; call < calls; ++call)
            write_call(name, function, call);
        std::printf("    return r;\n}\n");
    }
}

void write_module(const char* name, int functions, int calls, int exports)
{
    std::printf("#include <linux/module.h>\n#include <linux/slab.h>\n#include <linux/string.h>\n\n"
                "int %s_p0 = 1;\nmodule_param_named(p0, %s_p0, int, 0644);\n"
                "static char *ps = \"x\";\nmodule_param(ps, charp, 0444);\n\n",
                name, name);
    write_functions(name, functions, calls);
    for (int function = 0; function < exports; ++function)
        std::printf("EXPORT_SYMBOL(%s_f%d);\n", name, function);
    // Declared first, so that it has external linkage in C++ too and no compiler drops it.
    std::printf("extern int (*const %s_table[%d])(const char *, char *, int);\n", name, functions);
    std::printf("int (*const %s_table[%d])(const char *, char *, int) = {\n", name, functions);
    for (int function = 0; function < functions; ++function)
        std::printf("    %s_f%d,\n", name, function);
    std::printf("};\n\nstatic int __init start(void)\n{\n    return %s_table[0] == NULL;\n}\n"
                "static void __exit finish(void)\n{\n}\nmodule_init(start);\nmodule_exit(finish);\n"
                "MODULE_LICENSE(\"GPL\");\nMODULE_DESCRIPTION(\"work for the loader benchmark\");\n",
                name);
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 5) {
        std::fprintf(stderr, "usage: generate_module NAME FUNCTIONS CALLS EXPORTS\n");
        return 2;
    }
    write_module(argv[1], std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]));
    return 0;
}
