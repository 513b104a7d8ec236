// The standard headers that most files use, compiled once per variant to save time. Every file still includes what it needs.

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#if __STDC_HOSTED__
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>
#endif

#ifdef __SANITIZE_ADDRESS__
#include <gtest/gtest.h>
#endif
