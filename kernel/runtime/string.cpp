#include <tenon/string.h>

// The string functions of C, for the libraries that are linked in and for modules; the kernel itself uses std::string_view.
// The memory functions are the architecture's.

namespace {

int difference(char a, char b)
{
    return static_cast<unsigned char>(a) - static_cast<unsigned char>(b);
}

}  // namespace

extern "C" {

std::size_t strlen(const char* text) noexcept
{
    std::size_t length = 0;
    while (text[length] != '\0')
        ++length;
    return length;
}

std::size_t strnlen(const char* text, std::size_t limit) noexcept
{
    std::size_t length = 0;
    while (length < limit && text[length] != '\0')
        ++length;
    return length;
}

int strcmp(const char* a, const char* b) noexcept
{
    while (*a != '\0' && *a == *b) {
        ++a;
        ++b;
    }
    return difference(*a, *b);
}

int strncmp(const char* a, const char* b, std::size_t limit) noexcept
{
    for (; limit > 0; --limit, ++a, ++b)
        if (*a != *b || *a == '\0')
            return difference(*a, *b);
    return 0;
}

// The standard's C++ overloads differ in constness only, so these two keep their C names by label.
TENON_API char* kernel_strchr(const char* text, int wanted) noexcept __asm__("strchr");
TENON_API char* kernel_strrchr(const char* text, int wanted) noexcept __asm__("strrchr");

char* kernel_strchr(const char* text, int wanted) noexcept
{
    const char character = static_cast<char>(wanted);
    while (*text != character)
        if (*text++ == '\0')
            return nullptr;
    return const_cast<char*>(text);
}

char* kernel_strrchr(const char* text, int wanted) noexcept
{
    const char character = static_cast<char>(wanted);
    const char* found = nullptr;
    do {
        if (*text == character)
            found = text;
    } while (*text++ != '\0');
    return const_cast<char*>(found);
}

}  // extern "C"
