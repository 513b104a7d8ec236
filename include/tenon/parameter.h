#pragma once

#include <string_view>
#include <type_traits>

#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/api.h>

// Module parameters as data: what the loader and /sys/module/*/parameters need to read and set them. Modules declare them
// with the macros of <tenon/module.h>.

namespace tenon {

// The kinds that module_param() names, with the texts that Linux accepts and prints for them.
enum class ParameterKind : u8 {
    byte_,    // unsigned char
    short_,
    ushort_,
    int_,
    uint_,
    long_,
    ulong_,
    ullong_,
    hexint_,  // unsigned int, printed in hexadecimal
    bool_,    // y, n, t, f, 1, 0, on, off in any case, by the first letters; a name alone means yes
    invbool_, // a bool that stores the opposite
    charp_,   // const char*; the text belongs to the kernel and changes only with ParameterLock held
    string_,  // a char array, NUL-terminated
    custom_,
};

struct Parameter;

// How a parameter of a type of the module's own is read and written. Called without any lock, by several threads at once; may block, and
// may take ParameterLock.
struct ParameterOperations {
    // `text` is absent when the name stood alone; a newline at its end has been taken off. Errno::inval for a bad value.
    Result<> (*set)(const Parameter& parameter, const std::string_view* text);
    void (*print)(const Parameter& parameter, TextSink& out);
};

// One declared parameter; the linker script gathers them in one table. Shared with the loader: never change the layout alone.
struct Parameter {
    const char* name;
    void* target;
    const ParameterOperations* operations;  // only of custom_
    u32* count;       // of an array: receives how many elements were given; may be null
    u32 capacity;     // elements of an array (0: not an array), or bytes of a string_
    u16 permissions;  // of its file in /sys/module/NAME/parameters; 0: no file
    ParameterKind kind;
    u8 reserved;
};
static_assert(sizeof(Parameter) == 40);

// The variable that each kind writes to, for the check in the macros.
template <ParameterKind kind>
struct ParameterStorage;

#define TENON_PARAMETER_STORAGE(parameter_kind, storage)      \
    template <>                                               \
    struct ParameterStorage<ParameterKind::parameter_kind> {  \
        using Type = storage;                                 \
    }
TENON_PARAMETER_STORAGE(byte_, unsigned char);
TENON_PARAMETER_STORAGE(short_, short);
TENON_PARAMETER_STORAGE(ushort_, unsigned short);
TENON_PARAMETER_STORAGE(int_, int);
TENON_PARAMETER_STORAGE(uint_, unsigned);
TENON_PARAMETER_STORAGE(long_, long);
TENON_PARAMETER_STORAGE(ulong_, unsigned long);
TENON_PARAMETER_STORAGE(ullong_, unsigned long long);
TENON_PARAMETER_STORAGE(hexint_, unsigned);
TENON_PARAMETER_STORAGE(bool_, bool);
TENON_PARAMETER_STORAGE(invbool_, bool);
TENON_PARAMETER_STORAGE(charp_, const char*);
#undef TENON_PARAMETER_STORAGE

namespace detail {

template <ParameterKind kind, typename T>
consteval Parameter make_parameter(const char* name, T* target, u16 permissions)
{
    using Stored = typename ParameterStorage<kind>::Type;
    static_assert(std::is_same_v<T, Stored> || (kind == ParameterKind::charp_ && std::is_same_v<T, char*>),
                  "the variable does not have the type that the parameter's kind stores");
    return {name, target, nullptr, nullptr, 0, permissions, kind, 0};
}

template <ParameterKind kind, typename T, u32 size>
consteval Parameter make_array_parameter(const char* name, T (*target)[size], u32* count, u16 permissions)
{
    static_assert(std::is_same_v<T, typename ParameterStorage<kind>::Type>,
                  "the elements do not have the type that the parameter's kind stores");
    return {name, target, nullptr, count, size, permissions, kind, 0};
}

template <u32 size>
consteval Parameter make_string_parameter(const char* name, char (*target)[size], u16 permissions)
{
    return {name, target, nullptr, nullptr, size, permissions, ParameterKind::string_, 0};
}

consteval Parameter make_custom_parameter(const char* name, void* target, const ParameterOperations* operations,
                                          u16 permissions)
{
    return {name, target, operations, nullptr, 0, permissions, ParameterKind::custom_, 0};
}

}  // namespace detail
}  // namespace tenon
