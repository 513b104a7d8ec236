# tools/<name>/*.cpp becomes build/tools/host/<name> (native) and build/tools/arm64/<name> (static, for user space). What takes kmod's
# place is one program, kmod, with a link for each of its commands.

KMOD_LINKS := depmod insmod lsmod modinfo modprobe rmmod
TOOL_NAMES := $(filter-out lib libkmod $(KMOD_LINKS),$(patsubst tools/%/,%,$(sort $(wildcard tools/*/))))
tool_sources = $(call sources,$(addprefix tools/,$(1) $(if $(filter kmod,$(1)),$(KMOD_LINKS))),cpp)
EXTRA_RINGS += tools
TOOL_LIBS  := -lzstd -llzma -lz
# The host's tools load nothing but libc: start-up is most of what a short run costs, and a wrapped libc must be seen.
TOOL_HOST_LINK := -static-libstdc++ -static-libgcc -Wl,-O1,--gc-sections -Wl,-Bstatic $(TOOL_LIBS) -Wl,-Bdynamic

.PHONY: tools
tools: $(foreach tool,$(TOOL_NAMES) $(KMOD_LINKS),$(B)/tools/host/$(tool) $(B)/tools/arm64/$(tool))  ## kmod and its commands, host and arm64

define tool_rules
$(B)/tools/host/$(1): $(call hosted_objects,host,$(call tool_sources,$(1))) $(B)/host/libtenon.a
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$(Q)$(HOST_CXX) -pthread $$^ $(TOOL_HOST_LINK) -o $$@
$(B)/tools/arm64/$(1): $(call hosted_objects,user-arm64,$(call tool_sources,$(1))) $(B)/user-arm64/libtenon.a
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$(Q)$(TARGET_CXX) -static -pthread -s -Wl,--gc-sections $$^ -L$(SYSROOT)/usr/lib/aarch64-linux-gnu $(TOOL_LIBS) -o $$@
-include $(foreach variant,host user-arm64,$(patsubst %.o,%.d,$(call hosted_objects,$(variant),$(call tool_sources,$(1)))))
endef
$(foreach tool,$(TOOL_NAMES),$(eval $(call tool_rules,$(tool))))

$(KMOD_LINKS:%=$(B)/tools/host/%): $(B)/tools/host/kmod
	$(Q)ln -sf kmod $@
$(KMOD_LINKS:%=$(B)/tools/arm64/%): $(B)/tools/arm64/kmod
	$(Q)ln -sf kmod $@
