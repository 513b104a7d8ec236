# make install: kmod with its links, libkmod, manual pages and completion, for this machine. It needs a compiler, the headers of zstd, lzma
# and zlib, and scdoc, but nothing of arm64. CPPFLAGS, CXXFLAGS and LDFLAGS are honoured.

BINDIR        ?= $(PREFIX)/bin
SBINDIR       ?= $(PREFIX)/sbin
MANDIR        ?= $(PREFIX)/share/man
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions

# The compressors are shared, and libstdc++ is linked in: what kmod uses of it is little, and loading it would cost most of a short run.
INSTALLED := $(B)/installed
INSTALLED_KMOD_SOURCES := $(call tool_sources,kmod) module/elf/source.cpp \
    $(filter-out $(LIBKMOD_SOURCES) tools/lib/modlink/%,$(call sources,tools/lib,cpp))
# What libkmod is made of, apart from its interface, is compiled once for both.
INSTALLED_KMOD_OBJECTS := $(patsubst %,$(B)/shared/batches/%.o,$(call batches,kmod,$(INSTALLED_KMOD_SOURCES))) \
    $(filter-out %/tools/libkmod.o,$(LIBKMOD_OBJECTS))

$(INSTALLED)/kmod.full: $(INSTALLED_KMOD_OBJECTS) $(SHARED_LINK_FLAGS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) -pie -pthread $(INSTALLED_KMOD_OBJECTS) $(SHARED_LINK) -o $@
$(INSTALLED)/libkmod.so.2.full: $(LIBKMOD)
	@mkdir -p $(@D)
	$(Q)cp $< $@

# Debugging information goes to a file of its own, which debuggers find by the build-id.
$(INSTALLED)/%.debug: $(INSTALLED)/%.full
	$(Q)objcopy --only-keep-debug $< $@
$(INSTALLED)/%: $(INSTALLED)/%.full
	$(Q)strip -o $@ $<

-include $(INSTALLED_KMOD_OBJECTS:.o=.d)

INSTALLED_PAGES := $(filter-out %/modlink.1,$(MAN_PAGES))
.PHONY: installed install install-debug
installed: $(INSTALLED)/kmod $(INSTALLED)/libkmod.so.2 $(INSTALLED)/kmod.debug $(INSTALLED)/libkmod.so.2.debug libkmod $(INSTALLED_PAGES)

# $(call put,mode,file,name with its folder)
put = $(Q)install -D -m $(1) $(2) "$(DESTDIR)$(3)"

install: installed  ## kmod, libkmod, pages and completion: DESTDIR, PREFIX, BINDIR, SBINDIR, LIBDIR, INCLUDEDIR, MANDIR, COMPLETIONDIR
	$(call put,755,$(INSTALLED)/kmod,$(BINDIR)/kmod)
	$(Q)mkdir -p "$(DESTDIR)$(SBINDIR)"
	$(Q)for link in $(KMOD_LINKS:%="$(DESTDIR)$(SBINDIR)"/%) "$(DESTDIR)$(BINDIR)/lsmod"; do ln -srf "$(DESTDIR)$(BINDIR)/kmod" "$$link"; done
	$(call put,644,$(INSTALLED)/libkmod.so.2,$(LIBDIR)/libkmod.so.2)
	$(Q)ln -sf libkmod.so.2 "$(DESTDIR)$(LIBDIR)/libkmod.so"
	$(call put,644,tools/libkmod/libkmod.h,$(INCLUDEDIR)/libkmod.h)
	$(call put,644,$(B)/libkmod/libkmod.pc,$(LIBDIR)/pkgconfig/libkmod.pc)
	$(call put,644,$(B)/libkmod/kmod.pc,$(PREFIX)/share/pkgconfig/kmod.pc)
	$(foreach page,$(INSTALLED_PAGES),$(call put,644,$(page),$(MANDIR)/man$(patsubst .%,%,$(suffix $(page)))/$(notdir $(page)))$(newline))
	$(call put,644,docs/completion/tenon-modules,$(COMPLETIONDIR)/kmod)
	$(Q)for tool in $(KMOD_LINKS); do ln -sf kmod "$(DESTDIR)$(COMPLETIONDIR)/$$tool"; done

# Not a ring of `make test`: what is installed is compiled once more for it.
.PHONY: test-install
test-install: installed tools-check-build  ## where `make install` puts what, whether it runs from there, and how it is linked
	@$(MAKE) --no-print-directory tools-check CHECKS=$(wildcard tests/tools/install/*.sh)

install-debug: installed  ## the debugging information of what is installed, in PREFIX/lib/debug
	$(Q)for file in kmod libkmod.so.2; do \
	    id=$$(readelf -nW $(INSTALLED)/$$file | awk '$$1 == "Build" { print substr($$3, 1, 2) "/" substr($$3, 3) }'); \
	    install -D -m 644 $(INSTALLED)/$$file.debug "$(DESTDIR)$(PREFIX)/lib/debug/.build-id/$$id.debug"; \
	done
