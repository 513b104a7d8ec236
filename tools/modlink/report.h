#pragma once

#include <string>

#include <modlink/modlink.h>

#include "tools/modlink/kernel_symbols.h"

// What modlink prints: for people, or as JSON.

namespace tenon::tools {

enum class Format { text, json };

void report_check(const std::string& file, const ::modlink::Output& output, const KernelSymbols& symbols, Format format);
void report_layout(const std::string& file, const ::modlink::Output& output, Format format);
void report_link(const std::string& file, const ::modlink::Output& output, const std::string& image, Format format);

}  // namespace tenon::tools
