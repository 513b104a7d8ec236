# Rules of the tree that a compiler does not check.

.PHONY: lint
lint:  ## layers, sizes, words, headers that compile alone
	@mk/lint
