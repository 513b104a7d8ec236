# Host tests: tests/unit/**/*_test.cpp with the pure parts and tests/support, under ASan and UBSan.
# `make unit FILTER='Layout.*'` runs a part.

UNIT_SOURCES := $(call sources,tests/unit,cpp) $(call sources,tests/support,cpp)
UNIT_OBJECTS := $(call hosted_objects,sanitized,$(UNIT_SOURCES))
FILTER ?= *

.PHONY: unit unit-build
unit-build: $(B)/test/unit
unit: $(B)/test/unit  ## the host tests alone
	$(B)/test/unit --gtest_brief=1 --gtest_filter='$(FILTER)'

$(B)/test/unit: $(UNIT_OBJECTS) $(B)/sanitized/libtenon.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(SANITIZE) -pthread $^ -lgtest_main -lgmock -lgtest $(TOOL_LIBS) -o $@

-include $(UNIT_OBJECTS:.o=.d)
