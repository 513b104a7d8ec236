#pragma once

#include <cstring>

#include <tenon/api.h>

// The C library's memory and string functions that exist in the kernel, offered to modules.

extern "C" {

TENON_API void* memcpy(void* __restrict destination, const void* __restrict source, std::size_t size) noexcept;
TENON_API void* memmove(void* destination, const void* source, std::size_t size) noexcept;
TENON_API void* memset(void* destination, int byte, std::size_t size) noexcept;
TENON_API int memcmp(const void* a, const void* b, std::size_t size) noexcept;
TENON_API std::size_t strlen(const char* text) noexcept;
TENON_API std::size_t strnlen(const char* text, std::size_t limit) noexcept;
TENON_API int strcmp(const char* a, const char* b) noexcept;
TENON_API int strncmp(const char* a, const char* b, std::size_t limit) noexcept;

}  // extern "C"
