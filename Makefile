# A thin alias: everything is in dev.py, which needs no make.
.PHONY: run test check

run test check:
	python3 dev.py $@
