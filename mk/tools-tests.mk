# The tools' own rings.
#   tools          transcripts in tests/tools/cases, played in a fake root with a wrapped libc
#   tools-check    scripts in tests/tools/checks: the system log, terminals, shells, failing disks
#   differential-libkmod    libkmod against that of kmod
#   differential-tools, bench-tools    against the installed kmod, on the modules of a Debian kernel

TOOLS_TEST    := $(B)/test/tools
TOOLS_UNDER_TEST := $(addprefix $(B)/tools/host/,kmod $(KMOD_LINKS))

.PHONY: tools-build ring-tools tools-test
tools-build: $(INSTALLED_TREE)/.ready $(TOOLS_TEST)/fake_root.so $(TOOLS_TEST)/modules/.ready $(TOOLS_UNDER_TEST)

# `make tools-test CASES=tests/tools/cases/insmod.case` plays one.
CASES ?= $(wildcard tests/tools/cases/*.case)
play_cases = tests/tools/run $(B)/tools/host $(TOOLS_TEST)/fake_root.so $(TOOLS_TEST)/modules $(TOOLS_TEST)/work-$(1) $(2) $(CASES)
compare_stock = tests/tools/stock $(B)/tools/host $(B)/tree $(TOOLS_TEST)/modules $(1)
# Every option and message of the tools stands in a transcript, every option in a manual page.
cover_tools = awk -f tests/tools/coverage.awk $(wildcard tests/tools/cases/*.case docs/man/*.scd) \
    $(filter-out tools/modlink/% tools/lib/modlink/% tools/libkmod/%,$(call sources,tools,cpp)) \
    && echo 1 0 >> $(1) || { echo 0 1 >> $(1); false; }
test_tools = status=0; $(call play_cases,kmod,$(1)) || status=1; $(call compare_stock,$(1)) || status=1; \
    $(call cover_tools,$(1)) || status=1; exit $$status
ring-tools:
	@echo "Ring tools"; $(call test_tools,$(TALLY))
tools-test: tools-build  ## the tools' transcripts alone, and the installed kmod on our own modules
	@$(call test_tools,/dev/null)

# `make tools-check CHECKS=tests/tools/checks/syslog.sh` runs one file.
.PHONY: tools-check-build ring-tools-check tools-check
CHECKS ?= $(sort $(wildcard tests/tools/checks/*.sh))
# It takes longest, so it begins first.
EXTRA_RINGS := tools-check $(EXTRA_RINGS)
tools-check-build: tools-build $(TOOLS_TEST)/watched_libc.so $(TOOLS_TEST)/crafted_modules $(TOOLS_TEST)/foreign_modules $(B)/tools/host/modlink
run_checks = tests/tools/check $(B)/tools/host $(TOOLS_TEST) $(TOOLS_TEST)/modules $(TOOLS_TEST)/checks $(1) $(CHECKS)
ring-tools-check:
	@echo "Ring tools-check"; $(call run_checks,$(TALLY))
tools-check: tools-check-build  ## the tools' checks alone: logs, terminals, shells, failing disks
	@$(call run_checks,/dev/null)

$(TOOLS_TEST)/%.so: tests/tools/%.cpp tests/tools/preload.h
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(CXX_COMMON) -I. -O1 -fPIC -shared $< -o $@ -ldl

$(TOOLS_TEST)/%_modules: tests/tools/%_modules.cpp module/elf/format.h
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(CXX_COMMON) -I. -O1 $< -o $@

$(TOOLS_TEST)/modules/.ready: tests/tools/modules.list tests/tools/make-modules
	$(call say,MODULES,$(@D))
	@rm -rf $(@D)
	$(Q)tests/tools/make-modules $(HOST_CXX) $< $(@D)
	@touch $@

# A Debian kernel's module tree, as it is and compressed.
MODULE_TREE := $(B)/linux-modules
.PHONY: module-tree differential-tools bench-tools
module-tree: $(MODULE_TREE)/.ready
$(MODULE_TREE)/.ready: tests/tools/fetch-tree
	tests/tools/fetch-tree "$$TENON_CACHE" $(MODULE_TREE)
	@touch $@

differential-tools: $(TOOLS_UNDER_TEST) $(MODULE_TREE)/.ready  ## compare the tools with kmod on a Debian kernel's modules
	tests/tools/differential $(B)/tools/host $(MODULE_TREE)

# Modules of machines with other byte orders and widths, and with symbols of their own.
OTHER_KERNELS := ppc64el-powerpc64le s390x-s390x armhf-armmp mips64el-5kc-malta
$(B)/other-kernels/%/.ready: tests/tools/fetch-kernel
	tests/tools/fetch-kernel $(TENON_CACHE) $(@D) $*
	@touch $@
.PHONY: differential-machines
differential-tools: differential-machines
differential-machines: $(TOOLS_UNDER_TEST) $(OTHER_KERNELS:%=$(B)/other-kernels/%/.ready)  ## the same on the modules of kernels for other machines
	tests/tools/differential-machines $(B)/tools/host $(OTHER_KERNELS:%=$(B)/other-kernels/%)

# The same and the transcripts once more, with a newer kmod in the place of the installed one.
NEWER_KMOD := $(B)/newer-kmod
.PHONY: differential-newer
differential-tools: differential-newer
differential-newer: tools-build $(NEWER_KMOD)/.ready $(MODULE_TREE)/.ready  ## the same with the kmod of Debian's next release
	@NEWER=$(NEWER_KMOD) $(call play_cases,newer,/dev/null)
	NEWER=$(NEWER_KMOD) tests/tools/differential $(B)/tools/host $(MODULE_TREE)

# `make random-tools SECONDS=600 SEED=7` repeats a campaign; `make random-tools CASE=7.20.3` plays one of its cases.
RANDOM_TOOLS := tests/tools/random/campaign $(B)/tools/host $(TOOLS_TEST)/fake_root.so $(NEWER_KMOD) $(TOOLS_TEST)/work-random
.PHONY: random-tools
random-tools: test-packages tools-build $(NEWER_KMOD)/.ready  ## compare the tools with kmod on random roots and commands (SECONDS=60)
	@$(RANDOM_TOOLS) --seconds $(call seconds,60) $(if $(SEED),--seed $(SEED)) $(if $(CASE),--case $(CASE))

$(NEWER_KMOD)/.ready: tests/tools/newer-kmod tests/tools/newer_kmod.cpp tests/tools/large_file_names.cpp
	tests/tools/newer-kmod "$$TENON_CACHE" $(@D)
	$(Q)$(HOST_CXX) $(CXX_COMMON) -O1 tests/tools/newer_kmod.cpp -o $(@D)/newer-kmod
	$(Q)$(HOST_CXX) $(CXX_COMMON) -O1 -fPIC -shared tests/tools/large_file_names.cpp -o $(@D)/large_file_names.so
	$(Q)for tool in kmod insmod rmmod lsmod modinfo modprobe depmod; do ln -sf newer-kmod $(@D)/$$tool; done
	@touch $@

# A C program that asks libkmod what it is told to, for the comparison of libraries: it runs with kmod's, too.
HOST_CC ?= gcc
.PHONY: libkmod-packages
libkmod-packages:
	@mk/host-packages libkmod2 pkg-config valgrind
tools-check-build: libkmod-packages $(LIBKMOD) $(TOOLS_TEST)/libkmod_client
$(TOOLS_TEST)/libkmod_client: $(wildcard tests/tools/libkmod/*.[ch]) tools/libkmod/libkmod.h $(LIBKMOD)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=c17 -Wall -Wextra -Wshadow -Werror -g -O1 -I. $(filter %.c,$^) -L$(B)/libkmod -lkmod -o $@

# `make differential-libkmod SECONDS=600 SEED=7` repeats a campaign.
LIBKMOD_CLIENTS := $(B)/libkmod-clients
$(LIBKMOD_CLIENTS)/.ready:
	mk/fetch-packages -a $(shell dpkg --print-architecture) "$$TENON_CACHE" $(@D) udev dracut-core
	@touch $@
.PHONY: differential-libkmod
differential-libkmod: tools-check-build $(MODULE_TREE)/.ready $(LIBKMOD_CLIENTS)/.ready  ## compare libkmod with kmod's on a Debian kernel's modules (SECONDS=60)
	tests/tools/libkmod/differential $(TOOLS_TEST)/libkmod_client $(B)/libkmod $(MODULE_TREE) $(call seconds,60) $(or $(SEED),1) $(LIBKMOD_CLIENTS)

$(call host_program,peak,bench/tools)
bench-tools: $(TOOLS_UNDER_TEST) $(MODULE_TREE)/.ready $(B)/mk/peak  ## time the tools side by side with kmod
	@mkdir -p $(B)/bench
	bench/tools/bench $(B)/tools/host $(MODULE_TREE) $(B)/mk/peak $(B)/bench/tools.md

# `make fuzz-tools SECONDS=60`: libFuzzer on the tools' parsers, built as the linker's fuzzer is (mk/link.mk).
FUZZ_TOOLS         := $(B)/fuzz/tools
FUZZ_TOOLS_SOURCES := tests/fuzz/tools_fuzz.cpp tests/fuzz/gcc_coverage.cpp module/elf/metadata_view.cpp module/elf/modinfo.cpp module/elf/source.cpp \
    $(call sources,kernel/lib,cpp) $(filter-out tools/lib/modlink/% tools/lib/options.cpp,$(call sources,tools/lib,cpp))
FUZZ_TOOLS_OBJECTS := $(FUZZ_TOOLS_SOURCES:%.cpp=$(B)/fuzz/%.o)

$(B)/test/tools-fuzzer: $(FUZZ_TOOLS_OBJECTS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(SANITIZE) -Wl,--wrap=__sanitizer_cov_trace_pc $^ \
	    $$(clang --print-file-name=libclang_rt.fuzzer-x86_64.a) $(TOOL_LIBS) -pthread -o $@

.PHONY: fuzz-tools
fuzz-tools: fuzz-packages $(B)/test/tools-fuzzer $(TOOLS_TEST)/modules/.ready  ## look for crashes of the tools' parsers (SECONDS=60)
	@mkdir -p $(FUZZ_TOOLS)/corpus $(FUZZ_TOOLS)/seeds $(FUZZ_TOOLS)/crashes
	$(Q)tests/tools/fuzz-seeds $(TOOLS_TEST)/modules $(FUZZ_TOOLS)/seeds
	$(B)/test/tools-fuzzer -max_total_time=$(call seconds,60) -max_len=65536 -timeout=20 \
	    -rss_limit_mb=4096 -print_final_stats=1 -artifact_prefix=$(FUZZ_TOOLS)/crashes/ $(FUZZ_TOOLS)/corpus $(FUZZ_TOOLS)/seeds \
	    2>&1 | tail -n 20

-include $(FUZZ_TOOLS_OBJECTS:.o=.d)
