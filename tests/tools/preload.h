#pragma once

#include <array>
#include <cstdarg>

#include <dlfcn.h>

// What the libraries that are preloaded into a tool under test share.

// The function that would be called without this library.
template <typename Function>
Function* next(const char* name)
{
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

using SystemCallWords = std::array<long, 6>;

// The arguments of syscall(2); what was not given is not used either.
inline SystemCallWords take_words(std::va_list arguments)
{
    SystemCallWords words;
    for (long& word : words)
        word = va_arg(arguments, long);
    return words;
}

inline long next_syscall(long number, const SystemCallWords& words)
{
    return next<long(long, ...)>("syscall")(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}
