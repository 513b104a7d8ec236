#pragma once

// Marks what modules may link against. The kernel is compiled with hidden visibility, so exactly the functions, classes
// and variables that a header in include/tenon marks are exported to modules.
#define TENON_API __attribute__((visibility("default")))
