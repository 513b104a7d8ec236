# `make fuzz-tools SECONDS=60`: libFuzzer with ASan and UBSan on the tools' parsers. clang 14 hides std::expected from itself because it
# counts its concepts as older than they are; the macro corrects that.

FUZZ_CXX   := clang++ -std=c++2b -U__cpp_concepts -D__cpp_concepts=202002L -Wno-builtin-macro-redefined
FUZZ_TOOLS := $(B)/fuzz/tools
FUZZ_TOOLS_SOURCES := tests/fuzz/tools_fuzz.cpp $(call sources,tools/lib module/elf kernel/lib,cpp)

.PHONY: fuzz-tools
fuzz-tools: $(FUZZ_TOOLS)/fuzzer $(TOOLS_TEST)/modules/.ready  ## fuzz the tools' parsers for SECONDS
	@mkdir -p $(FUZZ_TOOLS)/corpus
	$(Q)tests/tools/fuzz-seeds $(TOOLS_TEST)/modules $(FUZZ_TOOLS)/corpus
	cd $(FUZZ_TOOLS) && ./fuzzer -max_total_time=$(or $(SECONDS),60) -max_len=65536 -timeout=20 -print_final_stats=1 corpus

$(FUZZ_TOOLS)/fuzzer: $(FUZZ_TOOLS_SOURCES) | $(VERSION_H)
	$(call say,CXX,$@)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CXX) $(INCLUDES) -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined $^ $(TOOL_LIBS) -o $@
