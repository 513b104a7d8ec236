# The patterns by which the kernel's CPUs hand memory to each other, in every execution that the C++ memory model permits.

LITMUS_SOURCES := $(call sources,tests/litmus,cpp)
LITMUS_OBJECTS := $(call hosted_objects,host,$(LITMUS_SOURCES))

$(B)/test/litmus: $(LITMUS_OBJECTS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) -pthread $^ -lgtest_main -lgtest -o $@

-include $(LITMUS_OBJECTS:.o=.d)

# A ring of `make test`.
EXTRA_RINGS += litmus
.PHONY: litmus-build ring-litmus litmus
litmus-build: $(B)/test/litmus
ring-litmus:
	@$(call gtest_ring,litmus,$(B)/test/litmus)
litmus: litmus-build  ## the memory-ordering patterns alone, under an exhaustive memory model
	$(B)/test/litmus --gtest_brief=1 --gtest_filter='$(FILTER)'
