#pragma once

#include <string>
#include <vector>

#include "tools/lib/kernel_modules.h"

namespace tenon::tools {

// The graph of who uses whom in the DOT language: an edge leads from a module to what it needs.
std::string dot_text(const std::vector<LoadedModule>& modules);

// Writes the graph to `path`: as SVG, laid out by Graphviz' `dot`, when the name ends in .svg, else as DOT; to standard output
// for "-". Failures are reported.
bool write_graph(const std::vector<LoadedModule>& modules, const std::string& path);

}  // namespace tenon::tools
