#pragma once

// What every tool's command line has in common.

namespace tenon::tools {

// Prints name and version for -V, with the compressions that are built in.
void print_version();

// -v: one step more is told.
void more_verbose();

// Writes what is buffered for standard output; the exit status that main() should return: `status`, or 1 when the output
// could not be written (a full disk must not pass unnoticed).
int finish(int status);

}  // namespace tenon::tools
