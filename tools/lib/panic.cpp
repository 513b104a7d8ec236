#include "kernel/lib/panic.h"

#include <cstdio>
#include <cstdlib>

namespace tenon {

void panic(std::string_view reason, std::source_location where)
{
    std::fprintf(stderr, "%s:%u: internal error: %.*s\n", where.file_name(), static_cast<unsigned>(where.line()),
                 static_cast<int>(reason.size()), reason.data());
    std::abort();
}

}  // namespace tenon
