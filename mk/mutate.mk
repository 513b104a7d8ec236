# `make mutate`: whether the tests notice when something in the linker changes. Every comparison, constant and mask of MUTATED is changed once, and
# the host tests and the functions of tests/exec must fail. `make mutate FILES='module/link/layout.cpp'` judges a part,
# `make mutate AGAIN=1` what has survived the last time, or what a run that was broken off has not come to.

MUTATED := $(call sources,arch/arm64/reloc arch/x86/reloc module/link,cpp) $(call sources,arch/arm64/reloc arch/x86/reloc module/link,h)
MUTATE  := $(B)/mutate
MUTATE_TOOL := $(MUTATE)/mutate

MUTATE_SOURCES := $(filter-out tests/mutate/runtime.cpp tests/mutate/judge.cpp tests/mutate/%_test.cpp,$(wildcard tests/mutate/*.cpp))
$(MUTATE_TOOL): $(MUTATE_SOURCES:%.cpp=$(B)/host/%.o)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) -pthread $^ -o $@
-include $(MUTATE_SOURCES:%.cpp=$(B)/host/%.d)

# Warnings mean nothing in a mutated copy.
MUTATE_PLAIN_FLAGS = $(filter-out $(WARNINGS) -g,$(HOSTED_FLAGS)) -w -Wno-narrowing
MUTATE_FLAGS = $(MUTATE_PLAIN_FLAGS) -include tests/mutate/selectors.h
MUTATE_TREE := $(MUTATE)/tree
IN_TREE     := -iquote $(MUTATE_TREE) -iquote .

$(MUTATE_TREE)/fixed: $(MUTATED) $(MUTATE_TOOL) tests/mutate/selectors.h | $(SYSROOT_READY) $(VERSION_H)
	$(call say,MUTATE,'copies of $(words $(MUTATED)) files')
	$(Q)$(MUTATE_TOOL) copies tree=$(MUTATE_TREE) check='$(HOST_CXX) $(MUTATE_FLAGS) $(IN_TREE) -fsyntax-only' $(MUTATED)
	@touch $@
# A copy that is the same as before makes nothing anew.
$(MUTATED:%=$(MUTATE_TREE)/%): $(MUTATE_TREE)/fixed
	@:

# The tests that judge, compiled as for `make unit` but with the copies; not those that damage files at random for seconds.
JUDGES := $(filter-out tests/unit/module/load/publication_test.cpp,$(call sources,tests/unit/arch tests/unit/module tests/support,cpp)) \
    tests/unit/tools/lib/modlink_test.cpp
JUDGED := $(filter %.cpp,$(MUTATED))
WITH_COPIES := $(JUDGES) $(call sources,module/load module/registry tools/lib/modlink,cpp)
JUDGE_OBJECTS := $(patsubst %.cpp,$(MUTATE)/objects/%.o,$(WITH_COPIES) $(JUDGED) tests/mutate/runtime.cpp tests/mutate/judge.cpp)
JUDGE_FLAGS   := -O0 $(SANITIZE) -g0

$(MUTATE)/objects/%.o: %.cpp | $(MUTATE_TREE)/fixed
	$(call say,CXX,'[mutate] $<')
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(MUTATE_FLAGS) $(JUDGE_FLAGS) $(IN_TREE) $(DEPFLAGS) -c $< -o $@
$(JUDGED:%.cpp=$(MUTATE)/objects/%.o): $(MUTATE)/objects/%.o: $(MUTATE_TREE)/%.cpp | $(MUTATE_TREE)/fixed
	$(call say,CXX,'[mutate] $*.cpp')
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(MUTATE_FLAGS) $(JUDGE_FLAGS) $(IN_TREE) $(DEPFLAGS) -c $(MUTATE_TREE)/$*.cpp -o $@
-include $(JUDGE_OBJECTS:.o=.d)

JUDGE_LINK      := $(HOST_CXX) $(SANITIZE) -fuse-ld=lld -pthread
JUDGE_LIBRARIES := $(B)/sanitized/libtenon.a -lgmock -lgtest $(TOOL_LIBS)
$(MUTATE)/judge: $(JUDGE_OBJECTS) $(B)/sanitized/libtenon.a | test-packages
	$(call say,LD,$@)
	@printf '%s\n' $(JUDGE_OBJECTS) > $(MUTATE)/list
	@echo '$(JUDGE_LIBRARIES)' > $(MUTATE)/list.libraries
	$(Q)$(JUDGE_LINK) $(JUDGE_OBJECTS) $(JUDGE_LIBRARIES) -o $@

# The functions of tests/exec judge what the host tests let live: $(call mutate_runner,machine,compiler,flags,archive).
EXEC_WITH_COPIES := $(EXEC_SOURCES) tests/mutate/runtime.cpp $(call sources,tools/lib/modlink,cpp)
define mutate_runner_rules
$(MUTATE)/exec-$(1)/%.o: %.cpp | $(MUTATE_TREE)/fixed
	$$(call say,CXX,'[mutate] $$<')
	@mkdir -p $$(@D)
	$(Q)$(2) $$(MUTATE_FLAGS) -O1 $(3) $(IN_TREE) $$(DEPFLAGS) -c $$< -o $$@
$(JUDGED:%.cpp=$(MUTATE)/exec-$(1)/%.o): $(MUTATE)/exec-$(1)/%.o: $(MUTATE_TREE)/%.cpp | $(MUTATE_TREE)/fixed
	$$(call say,CXX,'[mutate] $$*.cpp')
	@mkdir -p $$(@D)
	$(Q)$(2) $$(MUTATE_FLAGS) -O1 $(3) $(IN_TREE) $$(DEPFLAGS) -c $(MUTATE_TREE)/$$*.cpp -o $$@
$(MUTATE)/runner-$(1): $(patsubst %.cpp,$(MUTATE)/exec-$(1)/%.o,$(EXEC_WITH_COPIES) $(JUDGED)) $(4)
	$$(call say,LD,$$@)
	$(Q)$(2) $(3) -pthread $$^ $(5) -o $$@
-include $(patsubst %.cpp,$(MUTATE)/exec-$(1)/%.d,$(EXEC_WITH_COPIES) $(JUDGED))
endef
$(eval $(call mutate_runner_rules,x86,$(HOST_CXX),,$(B)/host/libtenon.a,$(TOOL_LIBS)))
$(eval $(call mutate_runner_rules,arm64,$(TARGET_CXX),-static -isystem $(SYSROOT)/usr/include,$(B)/user-arm64/libtenon.a))
MUTATE_PROGRAMS := $(patsubst %,program='$(MUTATE)/runner-x86 $(B)/exec/x86.o %',near far) \
    $(patsubst %,program='qemu-aarch64-static $(MUTATE)/runner-arm64 $(B)/exec/arm64.o %',near far erratum)

.PHONY: mutate mutate-build
mutate-build: $(MUTATE)/judge $(MUTATE_TOOL) $(MUTATE)/runner-x86 $(MUTATE)/runner-arm64 $(EXEC_OBJECTS)
mutate: mutate-build  ## change every comparison, constant and mask of the linker: the tests must notice (FILES='module/link/layout.cpp')
	@TENON_BUILD=$(B) TENON_CROSS=$(CROSS) $(MUTATE_TOOL) run tree=$(MUTATE_TREE) folder=$(MUTATE) judge=$(MUTATE)/judge objects=$(MUTATE)/list \
	    compile='$(HOST_CXX) $(MUTATE_PLAIN_FLAGS) -O0' link='$(JUDGE_LINK)' $(MUTATE_PROGRAMS) \
	    equivalents=tests/mutate/equivalents jobs=$(or $(JOBS),$(shell nproc)) $(addprefix only=,$(FILES)) \
	    $(if $(AGAIN),again=$(MUTATE)/survivors) $(MUTATED)

# The tool judges a sample of its own: a ring of `make test`.
MUTATE_SAMPLE := $(MUTATE)/sample
$(MUTATE_SAMPLE)/tree/fixed: tests/mutate/sample/sample.cpp $(MUTATE_TOOL) tests/mutate/selectors.h | $(SYSROOT_READY) $(VERSION_H)
	$(Q)$(MUTATE_TOOL) copies tree=$(MUTATE_SAMPLE)/tree check='$(HOST_CXX) $(MUTATE_FLAGS) -iquote $(MUTATE_SAMPLE)/tree -iquote . -fsyntax-only' $<
	@touch $@
$(MUTATE_SAMPLE)/objects/%.o: %.cpp $(MUTATE_SAMPLE)/tree/fixed
	$(call say,CXX,'[mutate] $<')
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(MUTATE_FLAGS) -O0 -iquote . $(DEPFLAGS) -c $(or $(wildcard $(MUTATE_SAMPLE)/tree/$<),$<) -o $@
$(MUTATE_SAMPLE)/complete $(MUTATE_SAMPLE)/lacking: $(MUTATE_SAMPLE)/%: $(patsubst %,$(MUTATE_SAMPLE)/objects/tests/mutate/%.o,sample/%_test sample/sample runtime judge) | test-packages
	$(call say,LD,$@)
	@printf '%s\n' $^ > $@.list
	@echo -lgtest > $@.list.libraries
	$(Q)$(SAMPLE_LINK) $^ -lgtest -o $@
SAMPLE_LINK := $(HOST_CXX) -fuse-ld=lld -pthread
-include $(wildcard $(MUTATE_SAMPLE)/objects/tests/mutate/*.d $(MUTATE_SAMPLE)/objects/tests/mutate/*/*.d)

$(B)/test/mutate: $(B)/host/tests/mutate/mutate_test.o $(filter-out %/main.o,$(MUTATE_SOURCES:%.cpp=$(B)/host/%.o))
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) -pthread $^ -lgtest_main -lgtest -o $@
-include $(B)/host/tests/mutate/mutate_test.d

EXTRA_RINGS += mutate-tool
.PHONY: mutate-tool-build ring-mutate-tool
mutate-tool-build: $(B)/test/mutate $(MUTATE_TOOL) $(MUTATE_SAMPLE)/complete $(MUTATE_SAMPLE)/lacking
ring-mutate-tool:
	@TENON_BUILD=$(B) MUTATE_COMPILE='$(HOST_CXX) $(MUTATE_PLAIN_FLAGS) -O0' MUTATE_LINK='$(SAMPLE_LINK)' $(call gtest_ring,mutate-tool,$(B)/test/mutate)
