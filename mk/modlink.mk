# The modlink command: transcripts in tests/modlink/cases, its images and JSON against GNU ld and Python, Linux modules.

MODLINK_TEST    := $(B)/test/modlink
MODLINK_SOURCES := $(wildcard tests/modlink/modules/*.S)
MODLINK_MODULES := $(patsubst tests/modlink/modules/%.S,$(MODLINK_TEST)/modules/%.ko,\
    $(filter %.S,$(filter-out %/kernel.S,$(MODLINK_SOURCES)))) \
    $(addprefix $(MODLINK_TEST)/modules/,arm64_swapped.ko x86_narrow.ko arm64_kernel.elf arm64_magic_kernel.elf x86_kernel.elf)

define modlink_assemble
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)$(1) -c $< -o $@
endef
$(MODLINK_TEST)/modules/%.ko: MODLINK_AS = $(if $(findstring x86_,$@),gcc,$(CROSS)gcc)
$(MODLINK_TEST)/modules/%.ko: tests/modlink/modules/%.S tests/modlink/modules/module.inc
	$(call modlink_assemble,$(MODLINK_AS))
$(MODLINK_TEST)/modules/arm64_swapped.ko: tests/modlink/modules/arm64_empty.S tests/modlink/modules/module.inc
	$(call modlink_assemble,$(CROSS)gcc -mbig-endian)
$(MODLINK_TEST)/modules/x86_narrow.ko: tests/modlink/modules/arm64_empty.S tests/modlink/modules/module.inc
	$(call modlink_assemble,gcc -m32)
$(MODLINK_TEST)/modules/arm64_kernel.elf: MODLINK_CROSS := $(CROSS)
$(MODLINK_TEST)/modules/arm64_magic_kernel.elf: MODLINK_CROSS := $(CROSS)
$(MODLINK_TEST)/modules/arm64_magic_kernel.elf: MODLINK_FLAGS := -DWITH_VERMAGIC
$(MODLINK_TEST)/modules/%_kernel.elf: tests/modlink/modules/kernel.S
	$(call modlink_assemble,$(MODLINK_CROSS)gcc $(MODLINK_FLAGS))
	$(Q)mv $@ $@.o && $(MODLINK_CROSS)ld -N -e 0 --no-warn-rwx-segments -Ttext=0xffffffff80001000 -Tdata=0xffffffff80002000 $@.o -o $@ && rm $@.o

EXTRA_RINGS += modlink
.PHONY: modlink-build ring-modlink modlink-test
modlink-build: test-packages tools-build $(MODLINK_MODULES) $(B)/tools/host/modlink $(B)/kernel/tenon.elf $(MODULES)

# `make modlink-test MODLINK_CASES=tests/modlink/cases/check.case` plays one.
MODLINK_CASES ?= $(wildcard tests/modlink/cases/*.case)
modlink_tests = status=0; \
    tests/tools/run $(B)/tools/host $(TOOLS_TEST)/fake_root.so $(MODLINK_TEST)/modules $(MODLINK_TEST)/work $(1) $(MODLINK_CASES) || status=1; \
    tests/modlink/against-ld $(B) $(CROSS) $(1) || status=1; exit $$status
ring-modlink:
	@echo "Ring modlink"; $(call modlink_tests,$(TALLY))
modlink-test: modlink-build  ## the modlink command's tests alone
	@$(call modlink_tests,/dev/null)

# With `make differential`: every module of Debian's kernels against their Module.symvers.
$(B)/linux-headers-%/usr:
	mk/fetch-packages -a $* "$$TENON_CACHE" $(@D) linux-headers-$(LINUX_RELEASE)-$*
.PHONY: differential-modlink
differential: differential-modlink
differential-modlink: modlink-build $(foreach machine,arm64 amd64,$(B)/linux-image-$(machine)/lib $(B)/linux-headers-$(machine)/usr)  ## modlink on every module of Debian kernels
	@tests/modlink/linux $(B) $(B)/linux-image-arm64 $(B)/linux-headers-arm64
	@tests/modlink/linux $(B) $(B)/linux-image-amd64 $(B)/linux-headers-amd64
