# Each folder modules/<folder>/ (and tests/modules/<folder>/ and the samples of docs/, for the boot tests alone) is one module: all its .cpp
# files, linked with `ld -r` into one .ko. An optional module.mk in the folder may say
#   name    := file name without .ko          (the folder's name)
#   install := folder below /lib/modules/<release>/   (kernel)
#   also    := sources from elsewhere in the tree, C++ or assembly
#   flags   := further options for the compiler
#   debug   := yes for a module of the debug kernel alone
#   finish  := program that is given the complete file to change it in place
# `make M=folder` builds one folder outside the tree.

MODULE_FLAGS  := $(KERNEL_FLAGS) $(CHECKED) -fthreadsafe-statics -DMODULE
MODULE_SCRIPT := mk/module.ld
MODULE_LINK   := -r --force-group-allocation -T $(MODULE_SCRIPT)
MODULE_FINISH := -r --build-id -T mk/module_file.ld
MODULE_STRIP  := --strip-debug --strip-unneeded --discard-all
MODULE_ORIGIN   := $(if $(M),external,intree)

MODULE_FLAGS_FILE := $(call flags_file,$(CONFIGURATION)module,$(TARGET_CXX) $(MODULE_FLAGS) $(MODULE_LINK) $(MODULE_FINISH) $(MODULE_STRIP) $(VERMAGIC))

TEST_MODULE_FOLDERS ?= tests/modules/*/ docs/examples/counter/
MODULE_FOLDERS := $(patsubst %/,%,$(or $(M),$(sort $(wildcard modules/*/ $(TEST_MODULE_FOLDERS)))))
MODULES :=
TEST_MODULES :=
MODULE_PARTS :=

# What the modules themselves can tell only when they are complete (names, dependencies, header structure): mk/modpost.cpp.
MODPOST_OBJECTS := $(B)/host/mk/modpost_object.o $(addprefix $(B)/host/batches/hosted/,module/elf.o kernel/lib.o)
$(B)/mk/modpost: mk/modpost.cpp $(MODPOST_OBJECTS)
	$(call say,CXX,'[build] $<')
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(HOSTED_FLAGS) $^ -o $@
-include $(MODPOST_OBJECTS:.o=.d)

# $(call finish_module,name,partial link,output): shell commands that make the module out of its linked parts.
finish_module = $(B)/mk/modpost $(1) '$(VERMAGIC)' $(MODULE_ORIGIN) $(2) $(MODULE_LIBRARIES) > $(2:.o=.post.S); \
    $(TARGET_CXX) -c $(2:.o=.post.S) -o $(2:.o=.post.o); \
    $(TARGET_LD) $(MODULE_FINISH) $(2:.o=.post.o) $(2) -o $(3); \
    $(CROSS)strip $(MODULE_STRIP) $(3)

# In the debug kernel variables are given up with the memory that they stand in, so what the compiler adds for that is not needed.
drop_global_checks = $(CROSS)objcopy --remove-section .fini_array --remove-section .rela.fini_array

# $(call module_objects,folder,name,other sources)
module_objects = $(patsubst $(1)/%.cpp,$(K)/modules/objects/$(2)/%.o,$(call sources,$(1),cpp)) \
    $(patsubst %,$(K)/modules/objects/$(2)/also/%.o,$(basename $(3)))

# $(call module_also_rules,objects' folder,name)
define module_also_rules
$(1)/%.o: %.cpp $(MODULE_FLAGS_FILE) | $(SYSROOT_READY) $(VERSION_H)
	$$(call say,CXX,'[M] $$<')
	@mkdir -p $$(@D)
	$(Q)$(TARGET_CXX) $(MODULE_FLAGS) -DTENON_MODULE_NAME='"$(2)"' $$(DEPFLAGS) -c $$< -o $$@
$(1)/%.o: %.S $(MODULE_FLAGS_FILE)
	$$(call say,AS,'[M] $$<')
	@mkdir -p $$(@D)
	$(Q)$(TARGET_CXX) $(INCLUDES) $(DEBUG_INFO) -D__ASSEMBLER__ $(CONFIGURATION_FLAGS) -DMODULE $$(DEPFLAGS) -c $$< -o $$@
endef

# $(call module_rules,folder,name,install folder,other sources,last program,options)
define module_rules
$(K)/modules/objects/$(2)/%.o: $(1)/%.cpp $(MODULE_FLAGS_FILE) $(if $(6),$(call flags_file,$(CONFIGURATION)module-$(2),$(6))) | $(SYSROOT_READY) $(VERSION_H)
	$$(call say,CXX,'[M] $$<')
	@mkdir -p $$(@D)
	$(Q)$(TARGET_CXX) $(MODULE_FLAGS) $(6) -DTENON_MODULE_NAME='"$(2)"' $$(DEPFLAGS) -c $$< -o $$@
$(if $(4),$(call module_also_rules,$(K)/modules/objects/$(2)/also,$(2)))
$(K)/modules/objects/$(2).partial.o: $(call module_objects,$(1),$(2),$(4)) $(MODULE_SCRIPT)
	$(Q)$(TARGET_LD) $(MODULE_LINK) $$(filter %.o,$$^) -o $$@$(if $(DEBUG),; $(drop_global_checks) $$@)
$(K)/modules/$(3)/$(2).ko: $(K)/modules/objects/$(2).partial.o $(B)/mk/modpost mk/module_file.ld $(5)
	$$(call say,LD,'[M] $$@')
	@mkdir -p $$(@D)
	$(Q)$$(call finish_module,$(2),$$<,$$@)$(if $(5),; $(5) $$@)
MODULE_PARTS += $(K)/modules/objects/$(2).partial.o
-include $(patsubst %.o,%.d,$(call module_objects,$(1),$(2),$(4)))
$(if $(and $(filter tests/% docs/%,$(1)),$(if $(M),,yes)),TEST_MODULES,MODULES) += $(K)/modules/$(3)/$(2).ko
endef

define module_folder
name := $(notdir $(1))
install := kernel
also :=
flags :=
finish :=
debug :=
-include $(1)/module.mk
$$(if $$(and $$(debug),$(if $(DEBUG),,ordinary)),,$$(eval $$(call module_rules,$(1),$$(name),$$(install),$$(also),$$(finish),$$(flags))))
endef
$(foreach folder,$(MODULE_FOLDERS),$(eval $(call module_folder,$(folder))))

# Every part is linked before the dependencies of one are written; a module outside the tree may need those of the tree.
MODULE_LIBRARIES = $(sort $(MODULE_PARTS) $(wildcard $(K)/modules/objects/*.partial.o))
$(MODULES) $(TEST_MODULES): | $(MODULE_PARTS)

$(B)/%.ko.zst: $(B)/%.ko
	$(call say,ZSTD,'[M] $@')
	$(Q)zstd -q -f -19 $< -o $@

.PHONY: modules
modules: $(MODULES) $(MODULES:=.zst)  ## every loadable module, plain and compressed (M=folder: one outside the tree)
