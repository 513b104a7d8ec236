# build/libkmod/libkmod.so.2: the tools' library as kmod's C library, for this machine.

PREFIX     ?= /usr
LIBDIR     ?= $(PREFIX)/lib/$(shell $(HOST_CXX) -print-multiarch)
INCLUDEDIR ?= $(PREFIX)/include

LIBKMOD      := $(B)/libkmod/libkmod.so.2
LIBKMOD_KMOD := 34
LIBKMOD_SOURCES := $(call sources,tools/libkmod kernel/lib,cpp) module/elf/metadata_view.cpp module/elf/modinfo.cpp tools/lib/panic.cpp \
    $(addprefix tools/lib/,catalog.cpp config_files.cpp config_lines.cpp config_parser.cpp decompressor.cpp der.cpp file.cpp \
        index_reader.cpp kernel_command_line.cpp kernel_modules.cpp loader.cpp messages.cpp module_command.cpp module_directory.cpp \
        module_file.cpp module_info.cpp module_name.cpp paged_file.cpp probe.cpp signature.cpp syscalls.cpp)
LIBKMOD_OBJECTS := $(patsubst %,$(B)/shared/batches/%.o,$(call batches,libkmod,$(LIBKMOD_SOURCES)))
LIBKMOD_MAP     := tools/libkmod/libkmod.map

# What is installed, this library and kmod (mk/install.mk), is hardened, takes the flags of who builds it and does not end at a warning.
HARDENING := -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2
$(call hosted_build,shared,$(HOST_CXX),$(filter-out -Werror,$(HOSTED_FLAGS)) -fPIC -fno-semantic-interposition \
    -ffunction-sections -fdata-sections $(HARDENING) $(CPPFLAGS) $(CXXFLAGS),this machine only)
SHARED_LINK := -static-libstdc++ -static-libgcc $(TOOL_LIBS) -Wl,-z,relro,-z,now,-z,noexecstack,-z,defs,--gc-sections,-O1,--build-id $(LDFLAGS)
SHARED_LINK_FLAGS := $(call flags_file,shared-link,$(HOST_CXX) $(SHARED_LINK))

.PHONY: libkmod
libkmod: $(LIBKMOD) $(B)/libkmod/kmod.pc $(B)/libkmod/libkmod.pc  ## libkmod.so.2, to be used in place of kmod's, with its pkg-config files

# What is linked in stays its own: the program that uses it may have another libstdc++.
$(LIBKMOD): $(LIBKMOD_OBJECTS) $(LIBKMOD_MAP) $(SHARED_LINK_FLAGS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) -shared -pthread -Wl,-soname,$(@F) -Wl,--version-script,$(LIBKMOD_MAP) \
	    $(LIBKMOD_OBJECTS) $(SHARED_LINK) -o $@
	$(Q)ln -sf $(@F) $(@D)/libkmod.so

-include $(LIBKMOD_OBJECTS:.o=.d)

# pkg-config files as builds of other programs read them.
define KMOD_PC
prefix=$(PREFIX)
sysconfdir=/etc
distconfdir=$(PREFIX)/lib
module_directory=/lib/modules
module_compressions=zstd xz gzip
module_signatures=PKCS#7 legacy

Name: kmod
Description: Tools for kernel modules
Version: $(LIBKMOD_KMOD)
endef
define LIBKMOD_PC
prefix=$(PREFIX)
libdir=$(LIBDIR)
includedir=$(INCLUDEDIR)

Name: libkmod
Description: Library for kernel modules
Version: $(LIBKMOD_KMOD)
Libs: -L$${libdir} -lkmod
Libs.private: $(TOOL_LIBS)
Cflags: -I$${includedir}
endef

$(B)/libkmod/kmod.pc: $(call flags_file,kmod.pc,$(KMOD_PC))
$(B)/libkmod/libkmod.pc: $(call flags_file,libkmod.pc,$(LIBKMOD_PC))
$(B)/libkmod/%.pc:
	@mkdir -p $(@D)
	$(Q)cp $< $@
