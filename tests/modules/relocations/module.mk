install := kernel/test
# The functions, and what they must return.
also := tests/exec/arm64.S tests/exec/cases_arm64.cpp tests/exec/absolute_symbols.cpp
finish := $(B)/test/retype
