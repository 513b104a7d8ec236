# Each folder modules/<folder>/ (and tests/modules/<folder>/, for the boot tests alone) is one module: all its .cpp
# files, linked with `ld -r` into one .ko. An optional module.mk in the folder may say
#   name    := file name without .ko          (the folder's name)
#   install := folder below /lib/modules/<release>/   (kernel)
#   build   := module | builtin               (module)
# `builtin` compiles the same sources into the kernel. `make modules M=folder` builds one folder outside the tree.

MODULE_FLAGS  := $(KERNEL_FLAGS) -DMODULE
MODULE_SCRIPT := $(wildcard mk/module.ld)
MODULE_LINK   := -r --force-group-allocation --build-id $(if $(MODULE_SCRIPT),-T $(MODULE_SCRIPT))

MODULE_FLAGS_FILE := $(call flags_file,module,$(TARGET_CXX) $(MODULE_FLAGS) $(MODULE_LINK))

MODULE_FOLDERS := $(if $(M),$(patsubst %/,%,$(M)),$(patsubst %/,%,$(sort $(wildcard modules/*/ tests/modules/*/))))
MODULES :=
TEST_MODULES :=
BUILTIN_MODULES :=

# $(call module_rules,folder,name,install folder)
define module_rules
$(B)/modules/objects/$(2)/%.o: $(1)/%.cpp $(MODULE_FLAGS_FILE) | $(SYSROOT_READY) $(VERSION_H)
	$$(call say,CXX,'[M] $$<')
	@mkdir -p $$(@D)
	$(Q)$(TARGET_CXX) $(MODULE_FLAGS) -DTENON_MODULE_NAME='"$(2)"' $$(DEPFLAGS) -c $$< -o $$@
$(B)/modules/$(3)/$(2).ko: $(patsubst $(1)/%.cpp,$(B)/modules/objects/$(2)/%.o,$(call sources,$(1),cpp)) $(MODULE_SCRIPT)
	$$(call say,LD,'[M] $$@')
	@mkdir -p $$(@D)
	$(Q)$(TARGET_LD) $(MODULE_LINK) $$(filter %.o,$$^) -o $$@
	$(Q)$(CROSS)strip --strip-debug $$@
-include $(patsubst $(1)/%.cpp,$(B)/modules/objects/$(2)/%.d,$(call sources,$(1),cpp))
$(if $(filter tests/%,$(1)),TEST_MODULES,MODULES) += $(B)/modules/$(3)/$(2).ko
endef

# $(call builtin_rules,folder,name,install folder): the module's objects join the kernel's.
define builtin_rules
$(patsubst %.cpp,$(B)/kernel/%.o,$(call sources,$(1),cpp)): KERNEL_FLAGS += -DTENON_MODULE_NAME='"$(2)"'
KERNEL_OBJECTS += $(patsubst %.cpp,$(B)/kernel/%.o,$(call sources,$(1),cpp))
BUILTIN_MODULES += $(3)/$(2).ko
endef

define module_folder
name := $(notdir $(1))
install := kernel
build := module
-include $(1)/module.mk
$$(eval $$(call $$(build)_rules,$(1),$$(name),$$(install)))
endef
$(foreach folder,$(MODULE_FOLDERS),$(eval $(call module_folder,$(folder))))

$(B)/%.ko.zst: $(B)/%.ko
	$(call say,ZSTD,'[M] $@')
	$(Q)zstd -q -f -19 $< -o $@

.PHONY: modules
modules: $(MODULES) $(MODULES:=.zst)  ## every loadable module, plain and compressed (M=folder: one outside the tree)
