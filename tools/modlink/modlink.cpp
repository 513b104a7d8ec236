// modlink: links a module as the kernel would, before it is shipped.

#include "tools/lib/options.h"
#include "tools/modlink/linker.h"

int main(int count, char** arguments)
{
    const tenon::tools::ModlinkRequest request = tenon::tools::parse_modlink_arguments(count, arguments);
    return tenon::tools::finish(tenon::tools::Linker(request).run());
}
