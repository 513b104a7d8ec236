# Modules for the host tests, tests/fixtures/*.cpp: compiled for this machine, so that the tests can run what the loader has linked.

FIXTURE_FLAGS := $(CXX_COMMON) $(INCLUDES) -O2 -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-pic \
    -fno-pie -fvisibility=hidden -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -mno-red-zone -DMODULE
FIXTURES      := $(patsubst tests/fixtures/%.cpp,$(B)/test/fixtures/%.ko,$(wildcard tests/fixtures/*.cpp))
FIXTURE_PARTS := $(FIXTURES:.ko=.partial.o)

$(B)/test/fixtures/%.partial.o: tests/fixtures/%.cpp $(call flags_file,fixtures,$(HOST_CXX) $(FIXTURE_FLAGS)) mk/module.ld | $(SYSROOT_READY) $(VERSION_H)
	$(call say,CXX,'[fixture] $<')
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(FIXTURE_FLAGS) -MMD -MP -MF $(@:.partial.o=.d) -MT $@ -c $< -o $(@:.partial.o=.o)
	$(Q)ld $(MODULE_LINK) $(@:.partial.o=.o) -o $@

$(B)/test/fixtures/%.ko: $(B)/test/fixtures/%.partial.o $(B)/mk/modpost $(FIXTURE_PARTS) mk/module_file.ld
	$(Q)$(B)/mk/modpost $* '$(VERMAGIC)' intree $< $(FIXTURE_PARTS) > $(@:.ko=.post.S)
	$(Q)$(HOST_CXX) -c $(@:.ko=.post.S) -o $(@:.ko=.post.o)
	$(Q)ld $(MODULE_FINISH) $(@:.ko=.post.o) $< -o $@
	$(Q)strip $(MODULE_STRIP) $@

.SECONDARY: $(FIXTURE_PARTS)
$(B)/test/unit: | $(FIXTURES)
unit: $(FIXTURES)
-include $(FIXTURES:.ko=.d)
