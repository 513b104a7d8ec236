# The kernel's synchronisation core, compiled for this machine with ThreadSanitizer: the sources of the kernel as they are, on the CPUs of
# tests/core/machine.

CORE_SOURCES := $(wildcard kernel/thread/*.cpp kernel/time/*.cpp module/registry/*.cpp) kernel/log/console.cpp kernel/log/ring.cpp \
    kernel/debug/exception_table.cpp arch/arm64/mm/asid.cpp $(call sources,tests/core,cpp)
CORE_OBJECTS := $(patsubst %,$(B)/core/batches/%.o,$(call batches,core,$(CORE_SOURCES)))

# ThreadSanitizer knows the CPUs only, so it hears of no calls: a kernel thread returns from them on another CPU. It says itself that it
# draws no conclusion from stand-alone fences (tests/core/machine/cpu.h).
CORE_FLAGS := $(CXX_COMMON) -Itests/core/machine $(INCLUDES) -O1 -pthread -fsanitize=thread --param tsan-instrument-func-entry-exit=0 -Wno-tsan -g1

$(call hosted_build,core,$(HOST_CXX),$(CORE_FLAGS))

# Text and errors, which share nothing, are those of the tools; they come last, so that no inline function is taken from there.
$(B)/test/core: $(CORE_OBJECTS) $(B)/host/libtenon.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) -fsanitize=thread -pthread $^ -lgtest -o $@

-include $(CORE_OBJECTS:.o=.d)

$(B)/lint/tests/core/%.ok: HOSTED_FLAGS = $(CORE_FLAGS)

# A ring of `make test`. `make core SECONDS=600` goes on for so long in all.
EXTRA_RINGS += core
.PHONY: core-build ring-core core
core-build: $(B)/test/core
ring-core:
	@$(call gtest_ring,core,$(B)/test/core)
core: core-build  ## the synchronisation core alone, on host threads under ThreadSanitizer (SECONDS=600: so long)
	TENON_CORE_SECONDS=$(call seconds,60) $(B)/test/core --gtest_brief=1 --gtest_filter='$(FILTER)'
