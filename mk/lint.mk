# Rules of the tree that a compiler does not check by itself.

LINT_HEADERS := $(call sources,kernel module arch include tools tests bench,h)
# What is compiled in batches includes what it needs all the same.
LINT_SOURCES := $(KERNEL_SOURCES) $(filter-out tests/boot/programs/%,\
    $(call sources,tools tests/boot tests/unit tests/support tests/differential tests/litmus tests/core,cpp))
LINT_STAMPS  := $(patsubst %,$(B)/lint/%.ok,$(LINT_HEADERS) $(LINT_SOURCES))
HOSTED_FILES := tools/% tests/% bench/%

.PHONY: lint
lint: $(LINT_STAMPS) $(B)/lint/device-accesses.ok $(B)/lint/landing-pads.ok  ## layers, floors of the kernel, sizes, forbidden words, headers and sources that compile alone
	@tests/lint/check
	@mk/lint --whole $$(git ls-files -co --exclude-standard)

# All objects that may touch devices.
$(B)/lint/device-accesses.ok: $(KERNEL_OBJECTS) $(MODULES) $(TEST_MODULES) mk/device-accesses
	$(call say,OBJDUMP,'device accesses')
	@mkdir -p $(@D)
	$(Q)CROSS=$(CROSS) mk/device-accesses $$(grep -l device_accesses $(KERNEL_OBJECTS) $(K)/modules/objects/*/*.o)
	@touch $@

$(B)/mk/landing_pads: mk/landing_pads.cpp $(MODPOST_OBJECTS)
	$(call say,CXX,'[build] $<')
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(HOSTED_FLAGS) $^ -o $@

$(B)/lint/landing-pads.ok: $(KERNEL_OBJECTS) $(MODULE_PARTS) $(MODULES) $(TEST_MODULES) $(B)/mk/landing_pads
	$(call say,CHECK,'landing pads')
	@mkdir -p $(@D)
	$(Q)$(B)/mk/landing_pads $(filter-out %/landing_pads,$^)
	@touch $@

# A file is compiled alone whenever it or something that it includes has changed.
$(B)/lint/%.ok: % | $(SYSROOT_READY) $(VERSION_H)
	$(call say,ALONE,$<)
	@mkdir -p $(@D)
	$(Q)$(if $(filter $(HOSTED_FILES),$<),$(HOST_CXX) $(HOSTED_FLAGS),$(TARGET_CXX) $(KERNEL_FLAGS)) \
	    -MMD -MP -MT $@ -MF $@.d -include $< -fsyntax-only -x c++ /dev/null
	@touch $@

-include $(wildcard $(LINT_STAMPS:=.d))
