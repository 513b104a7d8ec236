# tools/<name>/*.cpp becomes build/tools/host/<name> (native) and build/tools/arm64/<name> (static, for user space).

TOOL_NAMES := $(filter-out lib,$(patsubst tools/%/,%,$(sort $(wildcard tools/*/))))
EXTRA_RINGS += tools
TOOL_LIBS  := -lzstd -llzma -lz
# The host's tools load nothing but libc: start-up is most of what a short run costs, and a wrapped libc must be seen.
TOOL_HOST_LINK := -static-libstdc++ -static-libgcc -Wl,-O1,--gc-sections -Wl,-Bstatic $(TOOL_LIBS) -Wl,-Bdynamic

.PHONY: tools
tools: $(foreach tool,$(TOOL_NAMES),$(B)/tools/host/$(tool) $(B)/tools/arm64/$(tool))  ## insmod … depmod, host and arm64

define tool_rules
$(B)/tools/host/$(1): $(patsubst %.cpp,$(B)/host/%.o,$(call sources,tools/$(1),cpp)) $(B)/host/libtenon.a
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$(Q)$(HOST_CXX) -pthread $$^ $(TOOL_HOST_LINK) -o $$@
$(B)/tools/arm64/$(1): $(patsubst %.cpp,$(B)/user-arm64/%.o,$(call sources,tools/$(1),cpp)) $(B)/user-arm64/libtenon.a
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$(Q)$(TARGET_CXX) -static -pthread -s -Wl,--gc-sections $$^ -L$(SYSROOT)/usr/lib/aarch64-linux-gnu $(TOOL_LIBS) -o $$@
-include $(foreach variant,host user-arm64,$(patsubst %.cpp,$(B)/$(variant)/%.d,$(call sources,tools/$(1),cpp)))
endef
$(foreach tool,$(TOOL_NAMES),$(eval $(call tool_rules,$(tool))))
