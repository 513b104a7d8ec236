# Manual pages: docs/man/NAME.SECTION.scd becomes build/man/NAME.SECTION.

MAN_PAGES := $(patsubst docs/man/%.scd,$(B)/man/%,$(wildcard docs/man/*.scd))

.PHONY: man
man: $(MAN_PAGES)  ## the manual pages of the tools

$(B)/man/%: docs/man/%.scd
	$(call say,MAN,$@)
	@mkdir -p $(@D)
	$(Q)scdoc < $< > $@
